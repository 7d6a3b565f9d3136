/** Where a model computes. */
export interface ClassifierConfig {
  /** "auto" (a CUDA device where there is one), "cpu", "cuda" or "cuda:N". A named device that is not there is an error. */
  device: string;
  /** Accepted as Snorkel's; a model here runs on one device. */
  dataparallel: boolean;
}

/** The defaults of {@link ClassifierConfig}. */
export const classifierDefaults: ClassifierConfig = { device: "auto", dataparallel: true };

/** Options of a `MultitaskClassifier`. */
export interface ClassifierOptions extends Partial<ClassifierConfig> {
  /** By default the class's name. */
  name?: string;
}
