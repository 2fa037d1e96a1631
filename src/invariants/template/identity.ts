import { isIntrinsic, PLACEHOLDER, placeholderReference, walkReferences, type Json, type Reference } from './intrinsics';

/**
 * A text that two values have in common only where they are equal, wherever in the app they stand.
 *
 * @param name what a reference is called; undefined where nothing tells
 * @param place where the value stands, for what means something in its own template only
 * @returns undefined where a part of the value cannot be told apart from others
 */
export function identify(json: Json, name: (reference: Reference) => string | undefined, place: string | undefined): string | undefined {
  const all = (parts: readonly Json[]): string[] | undefined => {
    const texts = parts.map(part => identify(part, name, place));
    return texts.every(text => text !== undefined) ? texts : undefined;
  };
  if (!isIntrinsic(json)) {
    return typeof json === 'string' || typeof json === 'number' ? String(json) : undefined;
  }
  const [intrinsic, argument] = Object.entries(json)[0];
  switch (intrinsic) {
    case 'Fn::Base64':
      return identify(argument, name, place);
    case 'Fn::Join': {
      const [delimiter, parts] = Array.isArray(argument) ? argument : [];
      return typeof delimiter === 'string' && Array.isArray(parts) ? all(parts)?.join(delimiter) : undefined;
    }
    case 'Fn::Sub': {
      const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
      if (typeof text !== 'string') {
        return undefined;
      }
      const given = (variables ?? {}) as Record<string, Json>;
      // the pieces between placeholders, and the placeholders themselves by turns
      return all(text.split(PLACEHOLDER).map((piece, index) => index % 2 === 0 ? piece : given[piece.trim()] ?? placeholderReference(piece.trim())))?.join('');
    }
    case 'Fn::Unknown':
      return undefined;
    default: {
      const [reference] = walkReferences(json);
      return reference?.json === json ? name(reference) : place && `\${${place} ${JSON.stringify(json)}}`;
    }
  }
}
