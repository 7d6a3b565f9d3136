import { native } from "./native.ts";

/**
 * The full name of a device: "cpu", or "cuda:N" for "cuda" and "cuda:N". "auto" is the first CUDA device where there is
 * one, else the CPU.
 *
 * @throws TypeError if the name is no device's, or that device is not there: never a silent fall-back.
 */
export function checkDevice(where: string, device: unknown): string {
  return native.checkDevice(device, where);
}

/** CUDA as this LibTorch sees it. */
export const cuda = {
  isAvailable: (): boolean => native.cudaDeviceCount() > 0,
  deviceCount: (): number => native.cudaDeviceCount(),
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
