// What is in a file. Nothing here needs the native code.
export { describeFile } from "./describe-file.ts";
export type * from "./description.ts";
