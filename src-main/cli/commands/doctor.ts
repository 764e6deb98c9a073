import { dirname } from 'node:path'
import type { Command } from 'commander'
import { resourcesFolder } from '../../services/resources.ts'
import { addCommand, type Cli, type CommonOptions, homeOf } from '../command.ts'
import { examine } from '../doctor/examine.ts'
import { exitCodes } from '../errors.ts'

export function addDoctor(cli: Cli, program: Command): void {
  addCommand(cli, program, {
    name: 'doctor',
    summary: 'Check whether everything needed is here and works',
    description:
      'Check whether everything needed is here and works; each problem comes with its remedy. Exit code 1 if training would not work.',
    examples: ['doctor'],
  }).handle(async (options: CommonOptions) => {
    const findings = await examine(homeOf(cli, options), dirname(resourcesFolder()))
    const width = Math.max(...findings.map(({ name }) => name.length))
    const lines = findings.map(({ name, ok, needed, detail, remedy }) => {
      const mark = ok ? 'ok     ' : needed ? 'problem' : 'missing'
      return `${mark}  ${name.padEnd(width)}  ${detail}${remedy ? `. ${remedy}` : ''}`
    })
    const healthy = findings.every(({ ok, needed }) => ok || !needed)
    return {
      document: { healthy, findings },
      text: lines.join('\n'),
      exitCode: healthy ? exitCodes.done : exitCodes.failed,
    }
  })
}
