import { useQuery } from '@tanstack/react-query'
import type { SortingState } from '@tanstack/react-table'
import { List, Search, X } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { Link } from 'wouter'
import { runStates } from '../../../src-shared/events.ts'
import { navigate, setParams, useListParam, useParam } from '../../address.ts'
import { runsQuery } from '../../api/queries.ts'
import { Button, IconButton } from '../../components/button.tsx'
import { Input } from '../../components/input.tsx'
import { useInspector } from '../../components/inspector.tsx'
import { Menu } from '../../components/menu.tsx'
import { Page } from '../../components/page.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { isTyping } from '../../shell/keyboard.ts'
import { useOverlay } from '../../shell/overlays.ts'
import { NoRuns } from './NoRuns.tsx'
import { RunInspector } from './RunInspector.tsx'
import { RunTable } from './RunTable.tsx'
import { RunToolbar } from './RunToolbar.tsx'
import { countBy, filterRuns } from './run-filter.ts'

/** All runs: search, sort, filter, select; what is chosen stands in the address. */
export function RunsView() {
  const { data: runs, error, refetch } = useQuery(runsQuery)
  const [search, setSearch] = useParam('q')
  const [states, setStates] = useListParam('state')
  const [tags, setTags] = useListParam('tag')
  const [sort, setSort] = useParam('sort', 'created.desc')
  const [selected, setSelected] = useListParam('select')
  const [focused, setFocused] = useParam('run')
  const searchBox = useRef<HTMLInputElement>(null)
  const sorting = useMemo<SortingState>(() => {
    const at = sort.lastIndexOf('.')
    return [{ id: sort.slice(0, at), desc: sort.slice(at + 1) === 'desc' }]
  }, [sort])
  const shown = useMemo(() => filterRuns(runs ?? [], { search, states, tags }), [runs, search, states, tags])
  const chosen = useMemo(() => (runs ?? []).filter((run) => selected.includes(run.id)), [runs, selected])
  const focusedRun = runs?.find((run) => run.id === focused)
  useInspector(focusedRun ? <RunInspector key={focusedRun.id} run={focusedRun} /> : null)

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (useOverlay.getState().overlay || document.querySelector('[role=dialog],[role=alertdialog],[role=menu]'))
        return
      if (event.key === '/') {
        event.preventDefault()
        searchBox.current?.focus()
        searchBox.current?.select()
      } else if (event.key === 'Escape') setParams({ select: null, run: null })
      else if (event.key === 'c' && selected.length > 0) navigate(`/compare?runs=${selected.join(',')}`)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [selected])

  if (error && !runs)
    return (
      <Page title="Runs">
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Page>
    )
  const filtered = search !== '' || states.length > 0 || tags.length > 0
  const stateCounts = new Map(countBy(runs ?? [], ({ state }) => [state]))
  const toggle = (list: readonly string[], item: string) =>
    list.includes(item) ? list.filter((other) => other !== item) : [...list, item]
  return (
    <Page
      title="Runs"
      scroll={false}
      className="flex flex-col"
      detail={runs && <span>{filtered ? `${shown.length} of ${runs.length}` : runs.length}</span>}
      actions={
        <Button asChild variant="primary">
          <Link href="/ablate/new">New ablation</Link>
        </Button>
      }
    >
      <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface px-4">
        <div className="relative w-60">
          <Search aria-hidden className="absolute top-1.5 left-2 size-4 text-faint" />
          <Input
            ref={searchBox}
            type="search"
            aria-label="Search runs"
            placeholder="Search  ( / )"
            className="pl-7"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' && event.key !== 'Enter' && event.key !== 'ArrowDown') return
              event.preventDefault()
              if (event.key === 'Escape') setSearch('')
              document.querySelector<HTMLElement>('[data-run-table]')?.focus()
            }}
          />
        </div>
        <Menu
          label="Filter by state"
          align="start"
          trigger={<Button aria-pressed={states.length > 0}>{states.length > 0 ? states.join(', ') : 'State'}</Button>}
          items={runStates.map((state) => ({
            label: `${state} (${stateCounts.get(state) ?? 0})`,
            checked: states.includes(state),
            onSelect: () => setStates(toggle(states, state)),
          }))}
        />
        <Menu
          label="Filter by tag"
          align="start"
          trigger={<Button aria-pressed={tags.length > 0}>{tags.length > 0 ? tags.join(', ') : 'Tag'}</Button>}
          items={countBy(runs ?? [], (run) => run.tags).map(([tag, count]) => ({
            label: `${tag} (${count})`,
            checked: tags.includes(tag),
            onSelect: () => setTags(toggle(tags, tag)),
          }))}
        />
        {filtered && (
          <IconButton label="Clear the filters" onClick={() => setParams({ q: null, state: null, tag: null })}>
            <X aria-hidden />
          </IconButton>
        )}
        <span className="flex-1" />
        {chosen.length > 0 && <RunToolbar runs={chosen} onClear={() => setSelected([])} />}
      </div>
      <div className="min-h-0 flex-1">
        {!runs && <Skeleton className="p-5" lines={10} />}
        {runs && shown.length > 0 && (
          <RunTable
            runs={shown}
            sorting={sorting}
            onSortingChange={([first]) => first && setSort(`${first.id}.${first.desc ? 'desc' : 'asc'}`)}
            selected={selected}
            onSelectedChange={setSelected}
            focused={focused}
            onFocusedChange={setFocused}
          />
        )}
        {runs &&
          shown.length === 0 &&
          (filtered ? (
            <NothingFound />
          ) : (
            <NoRuns icon={<List aria-hidden />}>
              A quick ablation trains frozen, dual and iterative codebooks on emoji; its six runs appear here at once.
            </NoRuns>
          ))}
      </div>
    </Page>
  )
}

const NothingFound = () => (
  <EmptyState
    icon={<Search aria-hidden />}
    title="No run fits the filters"
    actions={<Button onClick={() => setParams({ q: null, state: null, tag: null })}>Clear the filters</Button>}
  />
)
