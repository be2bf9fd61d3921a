export const batch = {
  title: 'Started together',
  text: (agent: string, count: string) => `${agent} on ${count}`,
  nodes: (count: number, hasMore: boolean) =>
    hasMore ? `more than ${count} nodes` : count === 1 ? '1 node' : `${count} nodes`,
  progress: (finished: number, total: number) => `${finished} of ${total} finished`,
  done: 'All have finished',
  cancelAll: (count: number) =>
    count === 1 ? 'Cancel the one that still runs' : `Cancel the ${count} that still run`,
  cancelTitle: 'Cancel all that still run?',
  leave: 'All executions',
  states: 'States',
}
