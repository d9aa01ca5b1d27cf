import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {encodeControl, encodeData, encodeResize, FRAME_LIMIT, type Frame, readFrames} from '../../source/socket/frames.ts';

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
	fc.uint8Array({minLength: 1, maxLength: 200}).map((bytes): Frame => ({kind: 'data', bytes: Buffer.from(bytes)})),
	fc.record({kind: fc.constant('resize' as const), columns: fc.integer({min: 1, max: 65_535}), rows: fc.integer({min: 1, max: 65_535})}),
	fc.dictionary(fc.string(), fc.string()).map((value): Frame => ({kind: 'control', value: JSON.parse(JSON.stringify(value))})),
);

const encode = (frame: Frame): Buffer => {
	if (frame.kind === 'data') return encodeData(frame.bytes);
	return frame.kind === 'resize' ? encodeResize(frame.columns, frame.rows) : encodeControl(frame.value);
};

describe('frames', () => {
	test('come out as they went in, however the stream is cut', () => {
		fc.assert(
			fc.property(fc.array(anyFrame, {maxLength: 20}), fc.integer({min: 1, max: 97}), (frames, cut) => {
				const bytes = Buffer.concat(frames.map(encode));
				const read: Frame[] = [];
				let rest: Buffer = Buffer.alloc(0);
				for (let at = 0; at < bytes.length; at += cut) {
					const part = readFrames(rest, bytes.subarray(at, at + cut));
					expect(part.isBroken).toBe(false);
					read.push(...part.frames);
					rest = part.rest;
				}
				expect(rest.length).toBe(0);
				expect(read).toEqual(frames);
			}),
		);
	});

	test('never throw on garbage, and keep at most one frame of it', () => {
		fc.assert(
			fc.property(fc.uint8Array({maxLength: 400}), garbage => {
				expect(readFrames(Buffer.alloc(0), Buffer.from(garbage)).rest.length).toBeLessThanOrEqual(FRAME_LIMIT + 5);
			}),
		);
	});

	test('of an impossible length or an unknown kind are broken', () => {
		expect(readFrames(Buffer.alloc(0), Buffer.from([0x64, 0xff, 0, 0, 0])).isBroken).toBe(true);
		expect(readFrames(Buffer.alloc(0), Buffer.from([0x41, 0, 0, 0, 0])).isBroken).toBe(true);
		expect(readFrames(Buffer.alloc(0), Buffer.from([0x63, 0, 0, 0, 1, 0x7b])).isBroken).toBe(true);
	});

	test('split what is longer than one frame', () => {
		const {frames} = readFrames(Buffer.alloc(0), encodeData(Buffer.alloc(FRAME_LIMIT + 10, 'x')));
		expect(frames.map(frame => (frame.kind === 'data' ? frame.bytes.length : 0))).toEqual([FRAME_LIMIT, 10]);
	});
});
