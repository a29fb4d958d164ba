/*
 * Every text that guests see, in English. The other languages, in public/languages, have the same keys. `{name}` is
 * replaced with a value. A text with plural forms has one text for each form of the language
 * (https://cldr.unicode.org/index/cldr-spec/plural-rules).
 */

export const EN = {
  direction: 'ltr',

  welcome: 'You have found my corner of the web. Say hello before you go!',
  skip: 'Skip to the entries',
  error: 'Error',
  signatures: { one: '{count} entry so far', other: '{count} entries so far' },
  entries: 'What people wrote',
  older_entries: 'Older entries',
  one_entry: 'One entry',
  no_entries: 'Nobody has signed yet. The first page of a guestbook is the best one: make it yours!',
  no_older_entries: 'There are no older entries. This is where it all began.',
  entry_number: 'No. {number}',
  permalink: 'Link to this entry',
  only_you: 'Only you see this until it is approved.',
  read_on: 'Read on',
  reply_heading: 'The owner’s reply',
  mood: 'Feels {mood}',
  place: 'Writes from {place}',
  guests_from: 'Our guests come from',
  button_heading: 'Put a link to this guestbook on your page',
  button_html: 'HTML of the button',
  button_alt: 'Sign my guestbook',
  news: 'There are new entries. They are on top.',
  mentioned_on: 'Mentioned on {site}',
  edited: 'edited',
  edited_by_owner: 'edited by the owner',
  pages: 'Pages',
  to_newer: '« Newer entries',
  to_older: 'Older entries »',
  to_book: '« The whole guestbook',
  to_page: '« Back to its page',
  on_this_day: 'On this day',
  none_on_this_day: 'Nobody wrote anything on this day in an earlier year.',
  search: 'Search',
  search_label: 'Text to find in the entries',
  search_heading: 'Entries found',
  search_on: 'Search older entries »',
  none_found: 'No entry contains this text.',
  none_found_yet: 'None of the entries searched so far contains this text. You can search the older ones.',
  title_of_entry: '{name} in {title}',
  title_in_feed: '{name} signed',
  back_to_site: '« Back to {site}',
  wall: 'Buttons of our guests',
  wall_empty: 'Does your site have a button of 88 × 31 pixels? Sign with your website, and it appears here.',
  webring: 'Webring',
  webring_previous: '‹ Previous site',
  webring_next: 'Next site ›',
  api_reference: 'API reference',
  owners_entrance: 'Owner’s entrance',
  colophon: 'Best viewed with eyes, at any resolution. Hand-rolled at the edge by Guesthook.',

  sign_heading: 'Sign my guestbook!',
  closed: 'This guestbook is closed. You can still read what people wrote.',
  your_name: 'Your name',
  your_website: 'Your website',
  your_button: 'Address of your 88 × 31 button',
  your_button_hint: 'if not /button.gif on your website',
  your_message: 'Your message',
  optional: 'if you have one',
  your_answer: 'Your answer',
  your_mood: 'How you feel',
  your_place: 'Where you are',
  // In the order of rules/looks/moods.ts.
  moods: 'happy|excited|in love|calm|thoughtful|nostalgic|tired|silly|sad|grumpy',
  no_mood: 'No mood',
  own_mood: 'Or in your own words',
  optional_detail: 'if you like',
  more_fields: 'More…',
  private_entry: 'Only the owner may read this',
  keep_lines: 'Keep every space and line break, for ASCII art',
  your_drawing: 'Your drawing (optional)',
  drawing_undo: 'Undo',
  drawing_clear: 'Clear',
  drawing_left: 'Ink left: {percent}%',
  a_drawing: 'A drawing',
  fault_drawing: 'This drawing is too large, or was not made with the pad of the form.',
  smileys: 'Smileys',
  choose_face: 'Choose a face',
  your_face: 'Your face',
  no_face: 'A picture made from your name',
  // In the order of the gallery.
  faces:
    'Girl with pigtails|Boy with a cap|Grandma with glasses|Old sailor|Punk|Pirate|Ninja|Wizard|Vampire|' +
    'Clown|Queen|Cowboy|Astronaut|Cat|Dog|Fox|Panda|Frog|Owl|Penguin|Bunny|Bear|Pig|Chick in its shell|' +
    'Unicorn|Smiley|Robot|Ghost|Alien|Skull|Pumpkin|Cactus|Mushroom|Old computer|Little devil|' +
    'One-eyed monster',
  trap: 'Leave this empty',
  sign: 'Sign it!',
  preview: 'Preview',
  preview_heading: 'This is how your entry will look',
  thanks_published: 'Thank you for signing! Your entry is on the page.',
  thanks_held: 'Thank you for signing! Your entry will appear once the owner has approved it.',
  thanks_private: 'Thank you! Only the owner can read your entry.',
  thanks_edited: 'Your entry has been changed.',
  thanks_deleted: 'Your entry has been deleted.',
  puzzle: 'One moment: your browser is solving a small puzzle that keeps spam away.',
  edit: 'Change or delete it',
  edit_heading: 'Change your entry',
  save: 'Save',
  delete_entry: 'Delete my entry',
  to_entry: 'See your entry',
  edit_expired:
    'You can change your own entry for 15 minutes, or for a day while it waits for approval. After that, ask the owner ' +
    'to change or delete it.',
  changed_meanwhile: 'This entry was changed or deleted in the meantime. Reload it, then try again.',
  faulty_fields: {
    one: 'Almost there! One field needs another look. Everything you typed is still here.',
    other: 'Almost there! {count} fields need another look. Everything you typed is still here.',
  },

  // The label of a field is put in front of these. In other languages, a colon can follow the label.
  fault_surrogate: '{label} contains half a character (a lone surrogate). Paste the text again as plain text.',
  fault_controls: '{label} contains invisible control characters. Paste the text again as plain text.',
  fault_bidi: '{label} contains characters that change the text direction. Remove them, or type the text again.',
  fault_empty: '{label} is empty. Enter at least one visible character.',
  fault_length: '{label} has {length} characters. The maximum is {max}.',
  fault_marks: '{label} has more than {max} accents or other marks on one character. Remove some of them.',
  fault_wrong_answer: 'That is not the answer that the owner expects. Try again.',
  fault_website: 'Enter a website address like https://example.com, or leave the field empty.',

  too_many: 'That is a lot of entries in one minute! Your text is still here: wait a minute, then sign again.',
  full: 'The guestbook is full at the moment. Your text is still here: keep it, and sign again later.',
  over_quota: 'This guestbook has reached its limit for new text today. Keep your text, and sign again tomorrow (UTC).',
  not_sent: 'That did not work. Your text is still here: check your connection, then sign again.',
  form_used: 'This form was already sent, or it is too old. Your text is still here: send it again.',
  not_a_form: 'Please use the form below to sign.',
  not_utf8: 'That text was not valid UTF-8. Please type or paste it again.',
  too_large: 'That is more than a guestbook can hold. Please make it shorter.',

  error_lost: '404: Lost in cyberspace',
  error_title: 'That did not work',
  error_gone: 'There is nothing at this address. Check the address for typos.',
  error_later: 'Something went wrong on our side. Try again in a moment.',
  error_refused: 'This request cannot be answered. Go back, then try again.',
  error_report: 'If you report this to the owner, include {id}.',
} as const

export type TextKey = Exclude<keyof typeof EN, 'direction'>
type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

/** The texts of one language. */
export type Texts = {
  [K in keyof typeof EN]: K extends 'direction' ? 'ltr' | 'rtl' : (typeof EN)[K] extends string ? string : Forms
}
