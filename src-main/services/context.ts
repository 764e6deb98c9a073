import type { MetricSeries } from '../../src-shared/contract/runs.ts'
import type { Scheduler } from '../jobs/scheduler.ts'
import type { AblationsStore } from '../store/ablations-store.ts'
import type { RunsStore } from '../store/runs-store.ts'
import type { SeriesQuery } from '../store/series.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { AppLog } from './app-log.ts'
import type { Changes } from './changes.ts'
import type { Home } from './home.ts'

/** What the services share. */
export interface Context {
  home: Home
  runs: RunsStore
  ablations: AblationsStore
  settings: SettingsStore
  series: (query: SeriesQuery) => MetricSeries
  scheduler: Scheduler
  changes: Changes
  cores: number
  log: AppLog
}
