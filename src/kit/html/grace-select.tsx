/** A field for choosing how long the old secret or key stays valid after a rotation. */
export function GraceSelect({ label }: { label: string }) {
  return (
    <>
      <label for="grace">{label}</label>
      <select id="grace" name="grace_seconds">
        <option value="0">0 hours (replace it now)</option>
        <option value="3600">1 hour</option>
        <option value="86400" selected>
          1 day
        </option>
        <option value="604800">1 week</option>
      </select>
    </>
  )
}
