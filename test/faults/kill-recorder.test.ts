import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { readLatestCheckpoint } from '../../src-main/jobs/checkpoints.ts'
import { readEvents } from '../../src-main/jobs/events-file.ts'
import { createRunDirectory, runFiles } from '../../src-main/jobs/run-directory.ts'
import { smallConfig } from '../fakes/small-config.ts'
import { temporaryFolder } from '../fakes/temporary-folder.ts'

const fixture = fileURLToPath(new URL('../fixtures/record-forever.ts', import.meta.url))

/** Starts the writer, kills it so many ms after its first word. @returns the last step that it acknowledged */
async function writeUntilKilled(directory: string, milliseconds: number): Promise<number> {
  const writer = spawn(process.execPath, [fixture, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  writer.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  await once(writer.stdout, 'data')
  await setTimeout(milliseconds)
  writer.kill('SIGKILL')
  await once(writer, 'close')
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
}

it('loses nothing acknowledged and leaves no gap, wherever a training process is killed', async () => {
  const directory = join(temporaryFolder(), 'run')
  createRunDirectory(directory, smallConfig(), { createdAt: 0, parentId: null, ablation: null })
  const files = runFiles(directory)
  for (let round = 0; round < 8; round++) {
    const acknowledged = await writeUntilKilled(directory, Math.random() * 40)
    const { events, damaged } = readEvents(files.events)
    expect(damaged).toEqual([])
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: events.length }, (_, index) => index + 1))
    const steps = new Set(events.flatMap((event) => (event.kind === 'metrics' ? event.step : [])))
    for (let step = 1; step <= acknowledged; step++) expect(steps.has(step)).toBe(true)
    const warnings: string[] = []
    const checkpoint = readLatestCheckpoint(files.checkpoints, (message) => warnings.push(message))
    expect(warnings).toEqual([])
    expect(checkpoint?.step ?? 0).toBeGreaterThanOrEqual(Math.floor((acknowledged - 1) / 20) * 20)
    if (checkpoint) expect(checkpoint.file.tensors.weight?.data[0]).toBe(checkpoint.step)
  }
})
