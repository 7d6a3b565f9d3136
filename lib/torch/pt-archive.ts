import type { FileHandle } from "node:fs/promises";
import { expected } from "../errors.ts";
import type { Dtype } from "./dtype.ts";
import { PickleReader } from "./pickle-reader.ts";
import { createPtHost } from "./pt-classes.ts";
import type { PtMaker } from "./pt-maker.ts";
import { PtStorages } from "./pt-storages.ts";
import { readEntry, readZip, type ZipEntry } from "./zip-reader.ts";

/** What the entries of an archive may take beyond its size, should they be deflated. */
const spareBytes = 2 ** 26;

/** Reads the zip archive that `torch.save` writes: a pickle, and a file for each storage. */
export async function readArchive<Made extends { readonly dtype: Dtype }>(
  where: string,
  file: FileHandle,
  fileSize: number,
  maker: PtMaker<Made>,
): Promise<unknown> {
  return readZip(where, file, fileSize, async (entries) => {
    const folder = folderOf(where, entries);
    const entryOf = (name: string) => entries.get(`${folder}/${name}`);
    await checkByteOrder(where, entryOf("byteorder"));
    let left = fileSize + spareBytes;
    const pickle = await readEntry(where, entryOf("data.pkl") as ZipEntry, left);
    left -= pickle.length;
    const storages = new PtStorages(where, maker, (key, bytes, at) => {
      const entry = entryOf(`data/${key}`);
      if (entry === undefined) throw expected(where, `a storage of the archive`, at, key);
      // A storage may end with a part of an element.
      if (entry.size < bytes || entry.size >= bytes + 8) {
        throw expected(where, `${bytes} bytes, as ${at} says`, JSON.stringify(entry.name), entry.size);
      }
      left -= bytes;
      if (left < 0)
        throw expected(where, `at most ${spareBytes} bytes beyond the file's own`, "what is deflated", -left);
    });
    try {
      const value = new PickleReader(where, "data.pkl", pickle, createPtHost(where, storages)).read();
      for (const { key, elements } of storages) {
        await maker.fill(elements, (entryOf(`data/${key}`) as ZipEntry).chunks());
      }
      storages.release();
      return value;
    } catch (error) {
      storages.dispose();
      throw error;
    }
  });
}

/** The one folder in which everything lies. */
function folderOf(where: string, entries: ReadonlyMap<string, ZipEntry>): string {
  const folders = [...entries.keys()]
    .filter((name) => /^[^/]+\/data\.pkl$/.test(name))
    .map((name) => name.split("/")[0]);
  const [folder] = folders;
  if (folder === undefined || folders.length > 1) {
    throw expected(
      where,
      "one data.pkl in a folder",
      "the archive",
      [...entries.keys()].slice(0, 3).join(", "),
    );
  }
  if (entries.has(`${folder}/constants.pkl`)) {
    throw expected(
      where,
      "a file of torch.save",
      "the archive",
      "a TorchScript module",
      "Use torch.jit.load",
    );
  }
  return folder;
}

async function checkByteOrder(where: string, entry: ZipEntry | undefined): Promise<void> {
  // Before there was this entry, all was little-endian.
  if (entry === undefined) return;
  const order = (await readEntry(where, entry, 16)).toString("latin1");
  if (order !== "little") throw expected(where, "little", JSON.stringify(entry.name), order);
}
