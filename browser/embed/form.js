/** The form of `<guest-book>`: index.js loads it when a guest opens it. */
export class GuestForm {
  constructor(host, place, make, call, origin) {
    Object.assign(this, { host, make, call, ...host.book })
    this.storage = `guest-book ${origin} ${host.slug}`
    this.root = host.root
    this.heading = make('h3', {})
    this.submit = make('button', {})
    this.form = this.makeForm()
    this.form.onsubmit = (event) => {
      event.preventDefault()
      this.run(() => (this.isEdit ? this.change() : this.sign()))
    }
    this.changer = this.button(this.texts.edit, () => this.edit(!this.isEdit))
    this.edit(false)
    place.replaceChildren(this.heading, this.form)
    host.status.after(this.changer)
    this.form.elements.name.focus()
  }

  button(text, onclick) {
    return Object.assign(this.make('button', { type: 'button' }, text), { onclick })
  }

  makeForm() {
    const { make, texts, limits, questions, asks_for } = this
    const website = `${texts.your_website} (${texts.optional})`
    const box = make('input', { type: 'checkbox', name: 'is_private' })
    this.secret = make('label', {}, box, ' ', texts.private_entry)
    this.remover = this.button(texts.delete_entry, () => this.run(() => this.remove()))
    return make(
      'form',
      {},
      make(
        'div',
        { class: 'row' },
        this.field('name', texts.your_name, limits.name, { required: true, autocomplete: 'name' }),
        this.field('website', website, limits.website, { autocomplete: 'url', inputmode: 'url', dir: 'ltr' })
      ),
      this.field('body', texts.your_message, limits.body, { required: true, rows: 4 }, 'textarea'),
      ...questions.map(({ text, is_required }, i) =>
        this.field(`answers.${i}`, text, limits.answer, { required: is_required })
      ),
      ...asks_for.map((name) => this.field(name, `${texts[`your_${name}`]} (${texts.optional_detail})`, limits.detail)),
      this.secret,
      this.submit,
      ' ',
      this.remover
    )
  }

  /** Counts characters as the server does, near the limit. It cuts nothing. */
  field(name, label, max, attributes, tag = 'input') {
    const { make } = this
    const input = make(tag, { id: name, name, 'aria-describedby': `e-${name}`, ...attributes })
    input.oninput = () => {
      const { length } = [...input.value]
      this.note(name, length > max * 0.9 ? `${length} / ${max}` : '', length > max)
    }
    const note = make('p', { id: `e-${name}` })
    return make('div', { class: 'field' }, make('label', { for: name, dir: 'auto' }, label), input, note)
  }

  note(name, text, isFaulty) {
    this.root.getElementById(`e-${name}`).textContent = text
    this.form.elements[name].ariaInvalid = isFaulty ? 'true' : null
  }

  /** Fills the form with the entry that was just signed, or empties it for another one. */
  edit(isEdit) {
    const { form, texts, own } = this
    this.isEdit = isEdit
    form.reset()
    for (const [name, value] of isEdit ? own.fields : []) form.elements[name].value = value
    this.heading.textContent = isEdit ? texts.edit_heading : texts.sign_heading
    this.submit.textContent = isEdit ? texts.save : texts.sign
    this.remover.hidden = !isEdit
    this.secret.hidden = isEdit || !this.allows_private
    this.changer.hidden = !own
    if (isEdit) form.elements.name.focus()
  }

  /** One request at a time. It fails without network, or if the response is not JSON. */
  run(act) {
    this.sending ??= act()
      .catch(() => this.host.say(this.texts.not_sent, 'bad'))
      .finally(() => (this.sending = null))
  }

  /** @returns what was entered; `fields` as the form has it, and `values` as the API takes it */
  entered() {
    const data = new FormData(this.form)
    const is_private = data.has('is_private')
    data.delete('is_private')
    const fields = [...data]
    const answers = this.questions.map((_, i) => data.get(`answers.${i}`))
    const values = { ...Object.fromEntries(fields.filter(([name]) => !name.startsWith('answers.'))), answers }
    return { fields, values, is_private }
  }

  async sign() {
    const { fields, values, is_private } = this.entered()
    const json = JSON.stringify({ book: this.slug, ...values, is_private })
    // A guest who tries again after a network error does not sign twice.
    if (json !== this.sent) this.key = crypto.getRandomValues(new Uint32Array(4)).join('-')
    this.sent = json
    const answer = await this.send('POST', '', this.token(), json, { 'Idempotency-Key': this.key })
    if (!answer) return
    this.sent = null
    const { status, edit_token } = answer
    this.own = edit_token && { ...answer, fields }
    if (!is_private && (status === 'published' || !this.token())) this.token(edit_token)
    return this.done(answer, `thanks_${is_private ? 'private' : status}`)
  }

  async change() {
    const { fields, values } = this.entered()
    const { id, edit_token } = this.own
    const answer = await this.send('PATCH', `/${id}`, edit_token, JSON.stringify(values))
    if (!answer) return
    this.own.fields = fields
    return this.done(answer, answer.status === 'held' ? 'thanks_held' : 'thanks_edited')
  }

  async remove() {
    const { id, edit_token } = this.own
    if (!(await this.send('DELETE', `/${id}`, edit_token))) return
    this.own = null
    this.host.status.focus()
    return this.done({ id }, 'thanks_deleted')
  }

  /** @returns the answer; nothing if the guest was told what is wrong */
  async send(method, path, token, body, more) {
    const headers = { 'Accept-Language': this.language, ...more }
    if (body) headers['Content-Type'] = 'application/json'
    if (token) headers.Authorization = `Bearer ${token}`
    const response = await this.call(`/api/comments${path}`, { method, headers, body })
    const answer = response.status === 204 ? {} : await response.json()
    const isFaulty = this.mark(answer.errors ?? [])
    if (response.ok) return answer
    this.host.say(isFaulty ? '' : (this.notices[answer.code] ?? this.texts.not_sent), 'bad')
  }

  /** Shows each error beside its field. Returns whether there are any. */
  mark(errors) {
    const inputs = [...this.form.elements].filter(({ id }) => id)
    const faulty = inputs.filter(({ id }) => {
      const error = errors.find(({ path }) => path === id)
      this.note(id, error?.message ?? '', error)
      return error
    })
    faulty[0]?.focus()
    return faulty.length > 0
  }

  /** Says what was done, and shows the entry as it is now. The list may be a second old. */
  async done({ id, status, edited_at }, text) {
    const { host } = this
    this.edit(false)
    host.say(this.texts[text])
    this.root.getElementById(id)?.remove()
    for (let tries = 0; status === 'published' && tries < 3; tries++) {
      const { data } = await host.read()
      if (data.some((one) => one.id === id && one.edited_at === edited_at)) return host.add({ data })
      await new Promise((next) => setTimeout(next, 900))
    }
  }

  /** The token of an entry in a book shows that the guest is known there. Storage may be blocked. */
  token(value) {
    try {
      return value ? localStorage.setItem(this.storage, value) : localStorage.getItem(this.storage)
    } catch {}
  }
}
