import { EN, type Texts } from './en'

export const JA: Texts = EN
