import {Box} from 'ink';
import {Component, type ReactNode} from 'react';
import {T} from '../parts/tone.tsx';

type Props = {readonly onBroken: (error: unknown) => void; readonly children: ReactNode};

/**
 * Shows a failure in its place. Without it Ink would end the root and keep its last picture, and a frozen panel must not look like a quiet
 * one.
 */
export class Boundary extends Component<Props, {readonly isBroken: boolean}> {
	override state = {isBroken: false};
	static getDerivedStateFromError = (): {isBroken: boolean} => ({isBroken: true});
	override componentDidCatch(error: unknown): void {
		this.props.onBroken(error);
	}
	override render(): ReactNode {
		if (!this.state.isBroken) return this.props.children;
		return (
			<Box height={1} overflow="hidden">
				<T tone="danger"> ✗ This part of the screen failed: see the room's log.</T>
			</Box>
		);
	}
}
