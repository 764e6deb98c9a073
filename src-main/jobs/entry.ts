import { entryFileBeside } from '../engine/entry-file.ts'

/**
 * The file to fork for a process that trains, or for one that runs a trained model.
 * @param from URL of the running module
 */
export const entryFile = (name: 'train' | 'speak', from: string = import.meta.url): string =>
  entryFileBeside(from, name)
