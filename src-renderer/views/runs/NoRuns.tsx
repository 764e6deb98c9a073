import { Zap } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useQuickAblation } from '../../api/actions.ts'
import { Button } from '../../components/button.tsx'
import { EmptyState } from '../../components/states.tsx'

/** A view of runs before the first one: what it will show, and how to come by a run. */
export function NoRuns({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  const quick = useQuickAblation()
  return (
    <EmptyState
      icon={icon}
      title="No runs yet"
      actions={
        <>
          <Button variant="primary" disabled={quick.isPending} onClick={() => quick.mutate()}>
            <Zap aria-hidden /> Quick ablation
          </Button>
          <Button asChild>
            <Link href="/ablate/new">Plan an ablation</Link>
          </Button>
        </>
      }
    >
      {children}
    </EmptyState>
  )
}
