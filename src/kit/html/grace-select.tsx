import { Select } from './parts/fields'

const CHOICES = [
  [0, '0 hours (replace it now)'],
  [3_600, '1 hour'],
  [86_400, '1 day'],
  [604_800, '1 week'],
] as const

/** A field for choosing how long the old secret or key stays valid after a rotation. */
export function GraceSelect({ label }: { label: string }) {
  return <Select id="grace" name="grace_seconds" label={label} choices={CHOICES} value="86400" />
}
