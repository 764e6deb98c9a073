import { type Stats, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { AskedEvaluation } from '../../src-shared/kept-evaluations.ts'

type What = 'file' | 'folder' | 'file or folder'

/** Which paths of an evaluation are not there, or are something else, by the setting that names them. */
export function problemsOfPaths(asked: AskedEvaluation): { path: string; message: string }[] {
  return pathsOf(asked).flatMap(([setting, path, what]) => {
    const message = problemOf(path, what)
    return message === null ? [] : [{ path: setting, message }]
  })
}

function pathsOf(asked: AskedEvaluation): [setting: string, path: string, what: What][] {
  const given = (setting: string, path: string, what: What): [string, string, What][] =>
    path === '' ? [] : [[setting, path, what]]
  if (asked.kind === 'pictures') {
    const { images, reference, extractor, lpips, clip } = asked
    return [
      ...given('images', images, 'folder'),
      ...(reference?.kind === 'folder' ? given('reference', reference.path, 'folder') : []),
      ...(reference?.kind === 'statistics' ? given('reference', reference.path, 'file') : []),
      ...given('extractor', extractor?.path ?? '', 'file'),
      ...given('lpips', lpips, 'file or folder'),
      ...given('clip.text', clip?.text ?? '', 'file'),
      ...given('clip.tokenizer', clip?.tokenizer ?? '', 'file'),
      ...given('clip.captions', clip?.captions ?? '', 'file'),
    ]
  }
  const { questions, annotations, ocr, images, by } = asked
  return [
    ...questions.flatMap((path, at) => given(`questions.${at}`, path, 'file or folder')),
    ...annotations.flatMap((path, at) => given(`annotations.${at}`, path, 'file or folder')),
    ...given('ocr', ocr, 'file'),
    ...given('images', images, 'folder'),
    ...(by.kind === 'file' ? given('by.path', by.path, 'file') : []),
  ]
}

function problemOf(path: string, what: What): string | null {
  if (!isAbsolute(path)) return `"${path}" is not a whole path; begin at the root of the disk`
  let found: Stats | undefined
  try {
    found = statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    return `"${path}" cannot be looked at: ${(error as Error).message}`
  }
  if (!found) return `there is nothing at "${path}"`
  if (what === 'folder' && !found.isDirectory()) return `"${path}" is a file, and should be a folder`
  if (what === 'file' && found.isDirectory()) return `"${path}" is a folder, and should be a file`
  return null
}
