import { table, withSection } from '../../scripts/sections';

test('a section stands between its markers, and stays there when it is written again', () => {
  const marked = 'a\n<!-- rules:begin -->\nold\n<!-- rules:end -->\nb';
  const written = 'a\n<!-- rules:begin -->\nnew\n<!-- rules:end -->\nb';
  expect(withSection(marked, 'rules', 'new')).toBe(written);
  expect(withSection(written, 'rules', 'new')).toBe(written);
});

test.each(['no markers', '<!-- rules:end -->\n<!-- rules:begin -->', '<!-- other:begin -->\n<!-- other:end -->'])('a text without the section is refused: %j', text => {
  expect(() => withSection(text, 'rules', 'new')).toThrow('The text has no section between <!-- rules:begin --> and <!-- rules:end -->');
});

test('a cell of a table is one line, and a pipe in it is no border', () => {
  expect(table(['A', 'B'], [['x|y', 'one\ntwo']])).toBe('| A | B |\n| --- | --- |\n| x\\|y | one two |');
});
