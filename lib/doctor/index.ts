// What a set-up is made of, and what is wrong with it. Nothing here loads the native code into this process.
export { examine } from "./examine.ts";
export type { Finding } from "./finding.ts";
