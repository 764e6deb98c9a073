#!/usr/bin/env node
import { appVersion } from '../services/resources.ts'
import type { Cli } from './command.ts'
import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

const cli: Cli = {
  terminal: processTerminal,
  environment: process.env,
  exitCode: 0,
  async openWorkbench(home, concurrency) {
    // Loaded when it is needed: help and the doctor also work where a native package does not.
    const { createWorkbench } = await import('../services/workbench.ts')
    return createWorkbench({ home, startQueued: false, ...(concurrency === undefined ? {} : { concurrency }) })
  },
}

process.exitCode = await runCommandLine(cli, process.argv.slice(2), appVersion())
