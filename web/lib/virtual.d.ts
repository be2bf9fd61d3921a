declare module 'virtual:api-table' {
  const calls: import('../../contract/client.ts').Table<import('../../contract/api.ts').CarlApi>['calls']
  export default calls
}
