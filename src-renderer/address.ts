import { useCallback, useMemo, useSyncExternalStore } from 'react'

/**
 * The address of the window lives in the hash, path and query together: `#/runs?state=running&q=hq`. So the two hosts
 * behave alike, whatever their server does with paths, and what stands before the hash (the host's token) is left alone.
 */
export interface Address {
  path: string
  params: URLSearchParams
}

/** `hash` with or without its leading "#". */
export function parseAddress(hash: string): Address {
  const text = hash.replace(/^#/, '')
  const at = text.indexOf('?')
  const path = at < 0 ? text : text.slice(0, at)
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    params: new URLSearchParams(at < 0 ? '' : text.slice(at + 1)),
  }
}

/** Inverse of parseAddress, without "#". Commas and dots stay readable. */
export function formatAddress(path: string, params: URLSearchParams): string {
  const query = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return query ? `${path}?${query}` : path
}

/** A copy with some parameters set; null or '' removes one. */
export function withParams(params: URLSearchParams, changes: Record<string, string | null>): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const [key, value] of Object.entries(changes))
    if (value === null || value === '') next.delete(key)
    else next.set(key, value)
  return next
}

const CHANGED = 'unicode:address'
function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  addEventListener('popstate', listener)
  addEventListener(CHANGED, listener)
  return () => {
    removeEventListener('hashchange', listener)
    removeEventListener('popstate', listener)
    removeEventListener(CHANGED, listener)
  }
}

/** Goes to a path with an optional query, such as "/runs?state=running". */
export function navigate(to: string, options: { replace?: boolean; state?: unknown } = {}): void {
  const url = `#${to.startsWith('/') ? to : `/${to}`}`
  if (url === location.hash) return
  history[options.replace ? 'replaceState' : 'pushState'](options.state ?? null, '', url)
  dispatchEvent(new Event(CHANGED))
}

const currentPath = () => parseAddress(location.hash).path
const currentSearch = () => parseAddress(location.hash).params.toString()

/** wouter's location hook over the hash. */
export function useHashPath(): [string, typeof navigate] {
  return [useSyncExternalStore(subscribe, currentPath), navigate]
}
useHashPath.hrefs = (href: string) => `#${href}`

/** wouter's search hook over the hash. */
export const useHashSearch = (): string => useSyncExternalStore(subscribe, currentSearch)

/** Changes parameters of the present address in place; null or '' removes one. */
export function setParams(changes: Record<string, string | null>, options: { push?: boolean } = {}): void {
  const { path, params } = parseAddress(location.hash)
  navigate(formatAddress(path, withParams(params, changes)), { replace: !options.push })
}

/** One parameter of the address; the fallback is left out of the address. */
export function useParam(key: string, fallback = ''): [string, (value: string) => void] {
  const search = useHashSearch()
  const value = useMemo(() => new URLSearchParams(search).get(key), [search, key]) ?? fallback
  const set = useCallback((next: string) => setParams({ [key]: next === fallback ? null : next }), [key, fallback])
  return [value, set]
}

/** A numeric parameter; null where it is absent or no number. */
export function useNumberParam(key: string): [number | null, (value: number | null) => void] {
  const [text, setText] = useParam(key)
  const number = text === '' ? Number.NaN : Number(text)
  const set = useCallback((next: number | null) => setText(next === null ? '' : String(next)), [setText])
  return [Number.isFinite(number) ? number : null, set]
}

/** A comma-separated list parameter, such as `runs=a,b`. */
export function useListParam(key: string): [string[], (value: readonly string[]) => void] {
  const [text, setText] = useParam(key)
  const list = useMemo(() => (text === '' ? [] : text.split(',')), [text])
  const set = useCallback((next: readonly string[]) => setText(next.join(',')), [setText])
  return [list, set]
}
