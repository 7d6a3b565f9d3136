// Field numbers are those of TensorFlow's event.proto, summary.proto, tensor.proto and tensor_shape.proto.
export const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sourceMetadata: 10 };
export const sourceMetadata = { writer: 1 };
export const summary = { value: 1 };
export const summaryValue = {
  tag: 1,
  simpleValue: 2,
  image: 4,
  histogram: 5,
  audio: 6,
  tensor: 8,
  metadata: 9,
};
export const summaryMetadata = { pluginData: 1 };
export const pluginData = { pluginName: 1 };
export const tensorProto = { dtype: 1, shape: 2, content: 4, floatValue: 5, doubleValue: 6, stringValue: 8 };
export const tensorShape = { dimension: 2 };
export const dimension = { size: 1 };
// The values of DataType.
export const floatType = 1;
export const doubleType = 2;
export const stringType = 7;
