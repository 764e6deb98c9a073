import { entryFileBeside } from '../engine/entry-file.ts'

/**
 * The file to fork for a training process.
 * @param from URL of the running module
 */
export const entryFile = (name: 'train', from: string = import.meta.url): string => entryFileBeside(from, name)
