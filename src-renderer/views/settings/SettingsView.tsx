import { useQuery } from '@tanstack/react-query'
import { Copy, Monitor, Moon, Sun } from 'lucide-react'
import type { ReactNode } from 'react'
import { useSaveSetting, useSetConcurrency } from '../../api/actions.ts'
import { statusQuery } from '../../api/queries.ts'
import { IconButton } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { NumberInput } from '../../components/number-input.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { notify, notifyError } from '../../components/toast.tsx'
import { formatBytes } from '../../format.ts'
import { useTheme } from '../../theme.ts'

export function SettingsView() {
  const { data: status, error, refetch } = useQuery(statusQuery)
  const { theme, setTheme } = useTheme()
  const save = useSaveSetting()
  const setConcurrency = useSetConcurrency()
  return (
    <Page title="Settings">
      <div className="mx-auto flex max-w-3xl flex-col gap-4">
        <Panel title="Window" flush>
          <Row name="Theme" hint="The same settings hold in every window of this home.">
            <Segmented
              label="Theme"
              value={theme}
              onChange={(value) => {
                setTheme(value)
                save.mutate({ key: 'theme', value })
              }}
              options={[
                {
                  value: 'system',
                  label: (
                    <>
                      <Monitor aria-hidden /> System
                    </>
                  ),
                },
                {
                  value: 'light',
                  label: (
                    <>
                      <Sun aria-hidden /> Light
                    </>
                  ),
                },
                {
                  value: 'dark',
                  label: (
                    <>
                      <Moon aria-hidden /> Dark
                    </>
                  ),
                },
              ]}
            />
          </Row>
        </Panel>
        {error && !status && <ErrorState error={error} onRetry={() => void refetch()} />}
        {!status && !error && <Skeleton />}
        {status && (
          <>
            <Panel title="Training" flush>
              <Row
                name="Runs at once"
                hint={`1 to 64. Further runs wait in order. This machine has ${status.cores} cores, which the runs share.`}
              >
                <NumberInput
                  label="Runs at once"
                  value={status.concurrency}
                  className="w-20 text-right"
                  onChange={(value) => {
                    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 64)
                      setConcurrency.mutate(value)
                  }}
                />
              </Row>
              <Row name="Device" hint={`${status.cores} cores, ${formatBytes(status.memoryTotal)} of memory`}>
                {status.device}
              </Row>
            </Panel>
            <Panel title="Storage" flush>
              <Row
                stacked
                name="Home"
                hint="Runs, data sets and the database are kept here. Start with --home DIR or UNICODE_WORKBENCH_HOME for another."
              >
                <span className="flex min-w-0 items-center gap-1">
                  <code className="truncate font-mono select-text">{status.home}</code>
                  <IconButton
                    label="Copy the path"
                    size="iconSmall"
                    onClick={() =>
                      navigator.clipboard
                        .writeText(status.home)
                        .then(() => notify('Path copied'))
                        .catch((reason: unknown) => notifyError('Copy', reason))
                    }
                  >
                    <Copy aria-hidden />
                  </IconButton>
                </span>
              </Row>
            </Panel>
            <Panel title="About" flush>
              <Row name="UniCode Workbench">
                <span className="font-mono">{status.version}</span>
              </Row>
              <Row name="Browser engine">
                <span className="font-mono">
                  {/Chrom(?:e|ium)\/[\d.]+|Firefox\/[\d.]+|Version\/[\d.]+/.exec(navigator.userAgent)?.[0] ??
                    navigator.userAgent}
                </span>
              </Row>
            </Panel>
          </>
        )}
      </div>
    </Page>
  )
}

const Row = ({
  name,
  hint,
  stacked = false,
  children,
}: {
  name: string
  hint?: string
  /** The value below, for long ones. */
  stacked?: boolean
  children: ReactNode
}) => (
  <div
    className={cn(
      'flex min-h-12 justify-between border-b border-line px-3 py-2 last:border-b-0',
      stacked ? 'flex-col gap-1' : 'items-center gap-8',
    )}
  >
    <div className="min-w-0">
      <div className="text-sm font-medium">{name}</div>
      {hint && <div className="text-xs text-faint">{hint}</div>}
    </div>
    <div className={cn('flex min-w-0 text-sm', !stacked && 'justify-end')}>{children}</div>
  </div>
)
