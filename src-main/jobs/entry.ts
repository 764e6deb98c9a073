import { entryFileBeside } from '../engine/entry-file.ts'

/**
 * The file to fork for a process that trains, one that runs a trained model, or one that measures on request.
 * @param from URL of the running module
 */
export const entryFile = (name: 'train' | 'speak' | 'measure', from: string = import.meta.url): string =>
  entryFileBeside(from, name)
