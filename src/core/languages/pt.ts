import { EN, type Texts } from './en'

export const PT: Texts = EN
