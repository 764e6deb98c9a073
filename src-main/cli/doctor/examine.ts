import { availableParallelism } from 'node:os'
import { tensorflowFolder } from '../../engine/tensorflow/installation.ts'
import { carryOut, type Finding } from './finding.ts'
import { machineChecks } from './machine.ts'
import { packageChecks } from './packages.ts'
import { programChecks } from './programs.ts'
import { examineRuntimes } from './runtimes.ts'

/** Looks at everything once; never throws. @param root folder of the package.json */
export async function examine(home: string, root: string): Promise<Finding[]> {
  const checks = [...machineChecks(home), ...packageChecks(), ...programChecks(root)]
  const findings = await Promise.all(checks.map(carryOut))
  // Last and alone: they are timed.
  return [...findings, ...(await examineRuntimes(availableParallelism(), tensorflowFolder(home)))]
}
