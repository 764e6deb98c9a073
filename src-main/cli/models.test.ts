import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { tinyLlama, whyNoTinyLlama } from '../../test/fixtures/tiny-llama.ts'
import { runCommandLine } from './program.ts'

const missing = whyNoTinyLlama()

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const into = (key: keyof typeof said) =>
    new Writable({
      write(chunk, _, done) {
        said[key] += String(chunk)
        done()
      },
    })
  const terminal = { stdin: Readable.from([]), stdout: into('out'), stderr: into('err'), columns: () => null }
  const openWorkbench = async () => expect.fail('opened a home')
  const code = await runCommandLine({ terminal, environment: {}, exitCode: 0, openWorkbench }, words, '1.2.3')
  return { code, ...said }
}

describe('models describe', () => {
  it.skipIf(missing !== '')(
    `prints what a model is, the settings for it, and what it learns of a dialogue${missing && ` (skipped: ${missing})`}`,
    async () => {
      const { path, sizes } = tinyLlama(join(temporaryFolder(), 'tiny'))
      const { code, out } = await run('models', 'describe', path)
      expect(code).toBe(0)
      for (const [name, value] of Object.entries(sizes)) expect(out).toContain(`--set language.${name}=${value}`)
      expect(out).toContain('[It is a fruit.<|end|>]')
      const { out: json } = await run('models', 'describe', path, '--json')
      expect(JSON.parse(json)).toMatchObject({ path, sizes, ownTemplate: true })
    },
  )

  it('says what is wrong with a path, with exit code 1', async () => {
    const { code, err } = await run('models', 'describe', join(temporaryFolder(), 'none'))
    expect(code).toBe(1)
    expect(err).toContain('there is no file or folder')
  })
})
