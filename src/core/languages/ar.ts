import { EN, type Texts } from './en'

export const AR: Texts = EN
