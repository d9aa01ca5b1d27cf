/** A line that is being typed: what a key makes of it, and what the terminal is told so that it can be heard. */
export type Typed = {readonly text: string; readonly echo: string};

/** Longer than any answer; what is typed beyond is refused with the bell. */
const MOST = 2000;

const characters = new Intl.Segmenter();
const lastOf = (text: string): string => [...characters.segment(text)].at(-1)?.segment ?? '';

/** `backspace` and `ctrl+u` take back, text is echoed as it came; every other key changes nothing. */
export const typeKey = (line: string, key: string, text: string): Typed => {
	if (key === 'backspace') {
		const last = lastOf(line);
		return last ? {text: line.slice(0, line.length - last.length), echo: '\b \b'} : {text: line, echo: ''};
	}
	if (key === 'ctrl+u') return {text: '', echo: line ? '\r\n' : ''};
	if (text === '' || /\p{Cc}/u.test(text)) return {text: line, echo: ''};
	return line.length + text.length > MOST ? {text: line, echo: '\u0007'} : {text: line + text, echo: text};
};

/** Pasted text is one line too. */
export const typePaste = (line: string, text: string): Typed => typeKey(line, '', text.replaceAll(/\p{Cc}+/gu, ' '));
