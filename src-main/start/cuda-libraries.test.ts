import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { fetchCudaLibraries, obstacleToCuda } from './cuda-libraries.ts'

/** A package whose installer is the given script; libraries go to its bin folder. */
function packageWith(script: string) {
  const folder = temporaryFolder()
  const libraries = join(folder, 'bin')
  mkdirSync(join(folder, 'script'))
  mkdirSync(libraries)
  writeFileSync(join(folder, 'script', 'install.js'), `const { writeFileSync } = require('node:fs')\n${script}`)
  const said: string[] = []
  return { said, libraries, fetch: () => fetchCudaLibraries(folder, libraries, (line) => said.push(line)) }
}

const place = (library: string) =>
  `writeFileSync(require('node:path').join(__dirname, '..', 'bin', 'libonnxruntime_providers_${library}.so'), '')`

it('asks the package’s installer for CUDA 12, also under npm, which says to skip it', async () => {
  process.env.npm_config_onnxruntime_node_install = 'skip'
  try {
    const made = packageWith(
      `if (process.env.ONNXRUNTIME_NODE_INSTALL !== 'cuda12') throw new Error('nothing asked for')
      console.log('Downloading')
      ${place('shared')}
      ${place('cuda')}`,
    )
    await made.fetch()
    expect(made.said).toEqual(['Downloading'])
    expect(existsSync(join(made.libraries, 'libonnxruntime_providers_cuda.so'))).toBe(true)
  } finally {
    delete process.env.npm_config_onnxruntime_node_install
  }
})

it.each([
  ["throw new Error('getaddrinfo ENOTFOUND packages.invalid')", /packages\.invalid cannot be reached; connect/],
  ["throw new Error('connect ECONNREFUSED 127.0.0.1:1')", /127\.0\.0\.1:1 cannot be reached/],
  ["throw new Error('Failed to download build list. HTTP status code = 503')", /answered with status 503/],
  ["throw new Error('ENOSPC: no space left on device, write')", /the disk is full/],
  ["throw new Error('Failed to find a file')", /ended with exit code 1: Failed to find a file/],
  [place('shared'), /ended without libonnxruntime_providers_cuda\.so/],
])('says why the libraries could not be fetched: %s', async (script, sentence) => {
  await expect(packageWith(script).fetch()).rejects.toThrow(sentence)
})

it('says on which machines CUDA is of no use, and what to do there', () => {
  const obstacle = (platform: NodeJS.Platform, architecture: string, driver: boolean) =>
    obstacleToCuda({ platform, architecture, driver })
  expect(obstacle('linux', 'x64', true)).toBeNull()
  expect(obstacle('linux', 'x64', false)).toMatch(/no NVIDIA driver/)
  expect(obstacle('linux', 'arm64', true)).toMatch(/not for linux on arm64/)
  expect(obstacle('win32', 'x64', true)).toMatch(/DirectML/)
  expect(obstacle('darwin', 'arm64', false)).toMatch(/CoreML/)
})
