import { expected } from "../errors.ts";
import { cudaObjection, native } from "./native.ts";

/**
 * The full name of a device: "cpu", or "cuda:N" for "cuda" and "cuda:N". "auto" is the first CUDA device where there is
 * one, else the CPU.
 *
 * @throws TypeError if the name is no device's, or that device is not there: never a silent fall-back.
 */
export function checkDevice(where: string, device: unknown): string {
  const asksForCuda = typeof device === "string" && /^cuda(:\d{1,2})?$/.test(device);
  if (asksForCuda && cudaObjection !== undefined) {
    const remedy = `${cudaObjection}. Use "cpu", or "auto" to take what is there`;
    throw expected(where, "a device that is here", "device", device, remedy);
  }
  return native.checkDevice(device, where);
}

/** CUDA as this LibTorch sees it. */
export const cuda = {
  isAvailable: (): boolean => native.cudaDeviceCount() > 0,
  deviceCount: (): number => native.cudaDeviceCount(),
  /** Why CUDA is not available, and undefined where it is. */
  unavailableReason: (): string | undefined =>
    native.cudaDeviceCount() > 0 ? undefined : (cudaObjection ?? "LibTorch sees no CUDA device"),
};

/** How many threads an operator may use on the CPU, from now on and on this thread. */
export function setNumThreads(count: number): void {
  native.setNumThreads(count);
}

/** How many threads an operator may use. */
export function getNumThreads(): number {
  return native.getNumThreads();
}

/** The version of the LibTorch in this process, for example "2.13.0". */
export const version = native.version();
