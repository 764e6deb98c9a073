import { useQuery } from '@tanstack/react-query'
import { Check, ChevronLeft, ChevronRight, Search } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { type RunPicture, runPicturesQuery, type Side } from '../../../api/multimodal-queries.ts'
import { useSettled } from '../../../api/use-settled.ts'
import { Button, IconButton } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialog.tsx'
import { Input } from '../../../components/input.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { formatInteger } from '../../../format.ts'
import { PixelPicture } from '../../../pictures/PixelPicture.tsx'

const PAGE = 40
const SIDES = [
  { value: 'heldOut', label: 'Held-out' },
  { value: 'training', label: 'Training' },
]

/** A button that opens the pictures of a run, to take one, or several one after the other. */
export function PicturePicker({
  runId,
  chosen,
  several = false,
  onPick,
  children,
  title = 'Choose a picture',
  disabled = false,
}: {
  runId: string
  /** Indices of those that are taken already. */
  chosen: readonly number[]
  several?: boolean
  /** Called with a picture; with `several` also with one that is taken already, to let it go. */
  onPick: (picture: RunPicture) => void
  /** What stands on the button. */
  children: ReactNode
  title?: string
  disabled?: boolean
}) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)} disabled={disabled} aria-haspopup="dialog">
        {children}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={title}
        description="Held-out pictures were in no training batch of the tokenizer or of the language model."
        className="h-[85vh] max-w-3xl"
        {...(several
          ? {
              footer: (
                <Button variant="primary" onClick={() => setOpen(false)}>
                  Done
                </Button>
              ),
            }
          : {})}
      >
        <Choice
          runId={runId}
          chosen={chosen}
          onPick={(picture) => {
            onPick(picture)
            if (!several) setOpen(false)
          }}
        />
      </Dialog>
    </>
  )
}

function Choice({
  runId,
  chosen,
  onPick,
}: {
  runId: string
  chosen: readonly number[]
  onPick: (picture: RunPicture) => void
}) {
  const [side, setSide] = useState<Side>('heldOut')
  const [search, setSearch] = useState('')
  const [from, setFrom] = useState(0)
  const settled = useSettled(search, 200)
  const query = useQuery(runPicturesQuery({ id: runId, side, from, count: PAGE, search: settled }))
  const { data } = query
  return (
    <div className="flex h-full flex-col gap-3">
      <div className="flex items-center gap-3">
        <Segmented
          label="Side of the split"
          value={side}
          onChange={(next) => {
            setSide(next === 'training' ? 'training' : 'heldOut')
            setFrom(0)
          }}
          options={SIDES}
        />
        <span className="relative flex flex-1 items-center">
          <Search aria-hidden className="absolute left-2 size-3.5 text-faint" />
          <Input
            type="search"
            aria-label="Search captions and kinds"
            placeholder="Caption or kind"
            maxLength={100}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value)
              setFrom(0)
            }}
            className="pl-7"
          />
        </span>
        {data && (
          <span className="flex items-center gap-1 text-xs text-muted tabular-nums" aria-live="polite">
            {data.total === 0
              ? 'none'
              : `${formatInteger(from + 1)}–${formatInteger(Math.min(from + PAGE, data.total))} of ${formatInteger(data.total)}`}
            <IconButton
              label="Earlier pictures"
              size="iconSmall"
              disabled={from === 0}
              onClick={() => setFrom(Math.max(0, from - PAGE))}
            >
              <ChevronLeft aria-hidden />
            </IconButton>
            <IconButton
              label="Later pictures"
              size="iconSmall"
              disabled={from + PAGE >= data.total}
              onClick={() => setFrom(from + PAGE)}
            >
              <ChevronRight aria-hidden />
            </IconButton>
          </span>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto" aria-busy={query.isFetching}>
        {query.isError ? (
          <ErrorState
            title="The pictures of this run could not be read"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : !data ? (
          <Skeleton lines={8} />
        ) : data.pictures.length === 0 ? (
          <EmptyState
            title={settled === '' ? 'No picture on this side' : `No picture for “${settled}”`}
            className="py-10"
          >
            {settled === ''
              ? 'The data of the run hold none back; look at the other side.'
              : 'Search for part of a caption or of a kind.'}
          </EmptyState>
        ) : (
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(112px,1fr))] gap-1">
            {data.pictures.map((one) => {
              const taken = chosen.includes(one.picture)
              return (
                <li key={one.picture}>
                  <button
                    type="button"
                    aria-pressed={taken}
                    title={`${one.caption} (${one.label})`}
                    onClick={() => onPick(one)}
                    className="relative flex w-full flex-col items-center gap-1 rounded-md border border-transparent p-2 hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft"
                  >
                    <PixelPicture pixels={one.pixels} size={80} label="" />
                    <span className="line-clamp-2 text-xs leading-4">{one.caption}</span>
                    {taken && (
                      <span className="absolute top-1 right-1 rounded-sm bg-accent p-0.5 text-on-accent">
                        <Check aria-hidden className="size-3" strokeWidth={3} />
                      </span>
                    )}
                  </button>
                </li>
              )
            })}
          </ul>
        )}
      </div>
    </div>
  )
}
