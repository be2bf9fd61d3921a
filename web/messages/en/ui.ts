import type { ExecutionState } from '../../../contract/executions.ts'

/** Texts of the shared pieces in web/ui. */
export const ui = {
  close: 'Close',
  cancel: 'Cancel',
  loading: 'Loading',
  more: 'More',
  guide: 'More in the guide:',
  required: 'required',
  optional: 'optional',
  breadcrumb: 'Breadcrumb',

  states: {
    queued: 'Queued',
    connecting: 'Connecting',
    running: 'Running',
    stopping: 'Stopping',
    succeeded: 'Succeeded',
    failed: 'Failed',
    'timed-out': 'Timed out',
    cancelled: 'Cancelled',
    lost: 'Lost',
    unreachable: 'Unreachable',
    blocked: 'Blocked',
  } satisfies Record<ExecutionState, string>,
  partial: 'partial',
  health: {
    unknown: 'Not contacted yet',
    ok: 'All well',
    findings: 'Has findings',
    unreachable: 'Unreachable',
    blocked: 'Needs you',
    paused: 'Paused',
  },
  severities: { critical: 'Critical', high: 'High', warning: 'Warning', info: 'Info' },

  copy: 'Copy',
  copyThis: (what: string) => `Copy ${what}`,
  copied: 'Copied',
  notCopied: 'The browser did not let us copy. Select the text and copy it by hand.',

  error: {
    code: 'Code',
    request: 'Request',
    fix: 'What to do',
    retry: 'Try again',
    copyDetails: 'Copy details',
    details: 'the details',
    fields: 'Fields to correct',
    retryAt: 'Worth another try',
    unknownTitle: 'Something went wrong in the dashboard',
    unknownFix: 'Try again. If it stays, reload the page and report it with these details.',
    client: 'dashboard.bug',
  },

  confirm: {
    typeToConfirm: (name: string) => `Type ${name} to confirm`,
  },

  runStrip: {
    none: 'No executions yet',
    label: (count: number) =>
      count === 1 ? 'The last execution' : `The last ${count} executions, newest at the right`,
  },

  pagination: {
    label: 'Pages',
    newer: 'Newer',
    older: 'Older',
    loadMore: 'Load more',
    end: 'That is all.',
  },

  search: { label: 'Search', clear: 'Clear the search' },

  toasts: { label: 'Messages', dismiss: 'Dismiss' },

  user: (name: string) => `User ${name}`,
}
