import { useMemo } from 'react'
import { type Arm, expandPlan } from '../../../src-shared/ablation-plan.ts'
import { ConfigError } from '../../../src-shared/config-problems.ts'
import type { AblationPlan } from '../../api/queries.ts'
import { Badge } from '../../components/badge.tsx'
import { Panel } from '../../components/panel.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { formatCountOf, formatInteger, formatValue } from '../../format.ts'

/** Rows beyond these are counted, not listed. */
const MOST_ROWS = 40
const MOST_SEEDS = 12

/** The runs that the plan stands for: arms × seeds. */
export function MatrixPreview({ plan }: { plan: AblationPlan }) {
  const arms = useMemo(() => expanded(plan), [plan])
  if (!arms) return null
  const seeds = plan.seeds.slice(0, MOST_SEEDS)
  const count = arms.length * plan.seeds.length
  return (
    <Panel
      title="Runs"
      hint={`${formatCountOf(arms.length, 'arm')} × ${formatCountOf(plan.seeds.length, 'seed')} = ${formatCountOf(count, 'run')}`}
      flush
    >
      <div className="max-h-64 overflow-auto">
        <Table aria-label="Planned runs">
          <TableHead>
            <tr>
              <HeadCell className="pl-3">Arm</HeadCell>
              {plan.factors.map(({ path }) => (
                <HeadCell key={path} className="font-mono">
                  {path}
                </HeadCell>
              ))}
              {seeds.map((seed) => (
                <HeadCell key={seed} className="w-12 text-center font-mono">
                  {seed}
                </HeadCell>
              ))}
              {plan.seeds.length > MOST_SEEDS && <HeadCell>and {plan.seeds.length - MOST_SEEDS} more</HeadCell>}
            </tr>
          </TableHead>
          <tbody>
            {arms.slice(0, MOST_ROWS).map((arm) => (
              <tr key={arm.label}>
                <Cell className="h-7 pl-3">
                  <span className="mr-2 font-medium">{arm.label}</span>
                  {arm.isBaseline && <Badge>baseline</Badge>}
                </Cell>
                {plan.factors.map(({ path }) => (
                  <Cell key={path} className="h-7 max-w-48 truncate font-mono text-muted">
                    {formatValue(arm.settings[path])}
                  </Cell>
                ))}
                {seeds.map((seed) => (
                  <Cell key={seed} className="h-7 text-center">
                    <span
                      role="img"
                      aria-label={`one run with seed ${seed}`}
                      className="inline-block size-2.5 rounded-[2px] border border-accent bg-accent-soft"
                    />
                  </Cell>
                ))}
                {plan.seeds.length > MOST_SEEDS && <Cell />}
              </tr>
            ))}
          </tbody>
        </Table>
        {arms.length > MOST_ROWS && (
          <p className="px-3 py-2 text-sm text-muted">and {formatInteger(arms.length - MOST_ROWS)} more arms</p>
        )}
      </div>
    </Panel>
  )
}

/** The plan's arms; null while it has problems, which the pre-flight check lists. */
function expanded(plan: AblationPlan): Arm[] | null {
  try {
    return expandPlan(plan).arms
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}
