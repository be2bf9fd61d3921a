export const audit = {
  title: 'Activity',
}
