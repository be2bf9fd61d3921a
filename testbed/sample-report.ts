/** The report with one of everything, for floors that may not look up to the reports. */
export { sampleReport } from '../server/reports/sample-report.ts'
