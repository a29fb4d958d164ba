/** How long what is rotated still counts. */
export function GraceSelect({ label }: { label: string }) {
  return (
    <>
      <label for="grace">{label}</label>
      <select id="grace" name="grace_seconds">
        <option value="0">no time at all</option>
        <option value="3600">an hour</option>
        <option value="86400" selected>
          a day
        </option>
        <option value="604800">a week</option>
      </select>
    </>
  )
}
