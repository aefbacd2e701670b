/** The tables that are laid out by month when asked for, and the column whose month it is. */
export const monthColumns: Readonly<Record<string, string>> = {
  posts: 'posted_at',
  comments: 'posted_at',
  generations: 'created_at',
  observations: 'observed_at',
  revisions: 'observed_at',
  absences: 'observed_at',
}
