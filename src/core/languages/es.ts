import { EN, type Texts } from './en'

export const ES: Texts = EN
