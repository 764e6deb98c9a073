import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

/** What the live paper shows. Runs and imports refresh all of it: their topic is the first part of the key. */
export const paperListQuery = queryOptions({ queryKey: ['paper', 'list'], queryFn: () => api.paper.list() })

export const paperTableQuery = (table: number, family: string | null) =>
  queryOptions({
    queryKey: ['paper', 'table', table, family],
    queryFn: () => api.paper.table({ table, family }),
    placeholderData: (previous) => (previous?.id === table ? previous : undefined),
  })

export const paperCellQuery = (cell: { table: number; row: number; column: string; family: string | null }) =>
  queryOptions({
    queryKey: ['paper', 'cell', cell],
    queryFn: () => api.paper.cell(cell),
    placeholderData: keepPreviousData,
  })

export const paperExperimentsQuery = (table: number, row: number) =>
  queryOptions({
    queryKey: ['experiments', table, row],
    queryFn: () => api.paper.experiments({ table, row }),
    staleTime: 5000,
  })
