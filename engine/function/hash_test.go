package function

import (
	"encoding/json"
	"strings"
	"testing"
)

// The examples of https://docs.aws.amazon.com/redshift/latest/dg/hash-functions.html and its pages, and the published test vectors of the hashes.
func TestHash(t *testing.T) {
	check(t, [][2]string{
		{`md5('Amazon Redshift')`, "f7415e33f972c03abd4f3fed36748f7a"},
		{`md5('')`, "d41d8cd98f00b204e9800998ecf8427e"},
		{`sha1('Amazon Redshift')`, "eeac5ed1e11cda66032c30ad77b25071b5487f55"},
		{`sha('abc')`, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{`func_sha1('abc')`, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{`sha2('abc', 224)`, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
		{`sha2('abc', 256)`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{`sha2('abc', 0)`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{`len(sha2('abc', 384))`, "96"},
		{`len(sha2('abc', 512))`, "128"},
		{`crc32('Amazon Redshift')`, "f2726906"},
		{`crc32('123456789')`, "e3069283"},
		{`checksum(109.20::numeric(8,2))`, "10920"},
		{`checksum(-3)`, "-3"},
		{`fnv_hash(1)`, "-5968735742475085980"},
		{`fnv_hash('Amazon Redshift')`, "7783490368944507294"},
		{`fnv_hash('Amazon Redshift', fnv_hash(1))`, "-2202602717770968555"},
		{`fnv_hash('abcd')`, "-281581062704388899"},
		{`fnv_hash('cd', fnv_hash('ab'))`, "-281581062704388899"},
		{`fnv_hash(1::int2)`, "589727492704079044"},
		{`fnv_hash(1::int8)`, "-8517097267634966620"},
		{`murmur3_32_hash(1)`, "1392991556"},
		{`murmur3_32_hash('Amazon Redshift')`, "-1563580564"},
		{`murmur3_32_hash('abcd')`, "1139631978"},
		{`murmur3_32_hash('cd', murmur3_32_hash('ab'))`, "1711522338"},
		{`murmur3_32_hash(1, murmur3_32_hash(1))`, "-1193428387"},
		{`murmur3_32_hash(1, murmur3_32_hash(2))`, "1179621905"},
		// https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements
		{`murmur3_32_hash(34)`, "2017239379"},
		{`murmur3_32_hash(14.20)`, "-500754589"},
		{`murmur3_32_hash(date'2017-11-16')`, "-653330422"},
		{`murmur3_32_hash(timestamp'2017-11-16T22:31:08')`, "-2047944441"},
		{`murmur3_32_hash('iceberg')`, "1210000089"},
		{`farmfingerprint64('Amazon Redshift')`, "8085098817162212970"},
		{`farmfingerprint64('Amazon Redshift'::varchar(20)::varbyte)`, "8085098817162212970"},
		// https://cloud.google.com/bigquery/docs/reference/standard-sql/hash_functions#farm_fingerprint
		{`farmfingerprint64('1footrue')`, "-1541654101129638711"},
		{`farmfingerprint64('2applefalse')`, "2794438866806483259"},
		{`farmfingerprint64('3true')`, "-4880158226897771312"},
	})
}

// https://docs.aws.amazon.com/redshift/latest/dg/varbyte-functions.html
func TestVarbyte(t *testing.T) {
	check(t, [][2]string{
		{`from_hex('6162')`, "6162"},
		{`from_hex('616')`, `22P02 invalid hexadecimal string "616"`},
		{`from_varbyte('ab', 'hex')`, "6162"},
		{`from_varbyte(from_hex('4d'), 'binary')`, "01001101"},
		{`from_varbyte(from_hex('616263'), 'base64')`, "YWJj"},
		{`from_varbyte(from_hex('616263'), 'UTF-8')`, "abc"},
		{`from_varbyte(from_hex('61'), 'octal')`, `22023 invalid format "octal": it must be hex, binary, utf8 or base64`},
		{`to_varbyte('6162', 'hex')`, "6162"},
		{`to_varbyte('01001101', 'binary')`, "4d"},
		{`to_varbyte('a', 'utf8')`, "61"},
		{`to_varbyte('4', 'hex')`, "04"},
		{`to_varbyte('101', 'binary')`, "05"},
		{`to_varbyte('YWJj', 'base64')`, "616263"},
		{`to_varbyte('xy', 'hex')`, `22P02 "xy" is not valid in format hex`},
		{`to_hex(2147676847)`, "8002f2af"},
		{`to_hex(-1)`, "ffffffff"},
		{`to_hex(-1::int8)`, "ffffffffffffffff"},
		{`to_hex('abc'::varchar(3)::varbyte)`, "616263"},
		{`getbit(from_hex('4d'), 2)`, "1"},
		{`getbit(from_hex('4d'), 7)`, "0"},
		{`getbit(from_hex('4d'), 6)`, "1"},
		{`getbit(from_hex('4d00'), 8)`, "1"},
		{`getbit(from_hex('4d'), 8)`, "22023 index 8 out of valid range, 0..7"},
	})
}

// https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_SUBSTR.html and its neighbours.
func TestRegexpFunctions(t *testing.T) {
	check(t, [][2]string{
		{`regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}')`, "8"},
		{`regexp_count('sed@lacusUtnec.edu', '@[^.]*\.(org|edu)')`, "1"},
		{`regexp_count('the fox', 'FOX', 1, 'i')`, "1"},
		{`regexp_count('aaa', 'a', 2)`, "2"},
		{`regexp_count('aaa', 'a', 4)`, "0"},
		{`regexp_instr('Etiam.laoreet.libero@sodalesMaurisblandit.edu', '@[^.]*')`, "21"},
		{`regexp_instr('The Home Depot Center', '[cC]ent(er|re)$')`, "16"},
		{`regexp_instr('the fox', 'FOX', 1, 1, 0, 'i')`, "5"},
		{`regexp_instr('the fox', 'f', 1, 1, 1)`, "6"},
		{`regexp_instr('東京都', '都')`, "3"},
		{`regexp_instr('abcabc', 'b', 3)`, "5"},
		{`regexp_instr('abc', 'x')`, "0"},
		{`regexp_substr('Etiam.laoreet.libero@sodalesMaurisblandit.edu', '@[^.]*')`, "@sodalesMaurisblandit"},
		{`regexp_substr('the fox', 'FOX', 1, 1, 'i')`, "fox"},
		{`regexp_substr('the fox', 'FOX', 1, 2, 'i')`, ""},
		{`regexp_substr('THE SECRET CODE IS THE LOWERCASE PART OF 1931abc0EZ.', '[a-z]+', 1, 1, 'c')`, "abc"},
		{`regexp_substr('This is a cat, this is a dog. This is a mouse.', 'this is a (\w+)', 1, 2, 'ie')`, "dog"},
		{`regexp_substr('ba', '(?<=b)a', 1, 1, 'p')`, "a"},
		{`regexp_substr('a', '(')`, "2201B invalid regular expression: missing closing ): `(?s)(`"},
		{`regexp_replace('sed@lacusUtnec.ca', '@.*\.(org|gov|com|edu|ca)$')`, "sed"},
		{`regexp_replace('sed@lacusUtnec.ca', '@.*\.[[:alpha:]]{2,3}', '@internal.company.com')`, "sed@internal.company.com"},
		{`regexp_replace('the fox', 'FOX', 'quick brown fox', 1, 'i')`, "the quick brown fox"},
		{`regexp_replace('a1b2', '([a-z])([0-9])', '\2\1')`, "1a2b"},
		{`regexp_replace('a1b2', '([a-z])([0-9])', '$2$1')`, "$2$1$2$1"},
		{`regexp_replace('a1b2', '([a-z])([0-9])', '$2$1', 1, 'p')`, "1a2b"},
		{`regexp_replace('aaa', 'a', 'b', 2)`, "abb"},
		{`regexp_replace('aaa', 'a', 'b', 9)`, "aaa"},
		{`regexp_replace('aaa', 'a', null)`, "NULL"},
		{`regexp_count('a', 'a', 1, 'x')`, `22023 invalid regular expression parameter "x"`},
	})
}

// https://docs.aws.amazon.com/redshift/latest/dg/json-functions.html and its pages.
func TestJSON(t *testing.T) {
	check(t, [][2]string{
		{`is_valid_json('{"a":2}')`, "t"},
		{`is_valid_json('{"a":{"b":{"c":1}}}')`, "t"},
		{`is_valid_json('{"a": [1,2,"b"]}')`, "t"},
		{`is_valid_json('{{}}')`, "f"},
		{`is_valid_json('{1:"a"}')`, "f"},
		{`is_valid_json('[1,2,3]')`, "f"},
		{`is_valid_json_array('[]')`, "t"},
		{`is_valid_json_array('["a",["b",1,["c",2,3,null]]]')`, "t"},
		{`is_valid_json_array('{"a":1}')`, "f"},
		{`is_valid_json_array('a')`, "f"},
		{`is_valid_json_array('[1,2,]')`, "f"},
		{`json_array_length('[11,12,13,{"f1":21,"f2":[25,26]},14]')`, "5"},
		{`json_array_length('[11,12,13,{"f1":21,"f2":[25,26]},14')`, "XX000 JSON parsing error"},
		{`json_array_length('[11,12,13,{"f1":21,"f2":[25,26]},14', true)`, "NULL"},
		{`json_extract_array_element_text('[111,112,113]', 2)`, "113"},
		{`json_extract_array_element_text('[111,112,113]', 3)`, "NULL"},
		{`json_extract_array_element_text('[111,112,113]', -1)`, "NULL"},
		{`json_extract_array_element_text('["a",["b",1,["c",2,3,null,]]]', 1)`, "XX000 JSON parsing error"},
		{`json_extract_array_element_text('["a",["b",1,["c",2,3,null,]]]', 1, true)`, "NULL"},
		{`json_extract_array_element_text('["a",["b",1,["c",2,3,null]]]', 1)`, `["b",1,["c",2,3,null]]`},
		{`json_extract_array_element_text('[null]', 0)`, "NULL"},
		{`json_extract_array_element_text('invalid_json', null)`, "NULL"},
		{`json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}}','f4', 'f6')`, "star"},
		{`json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}','f4', 'f6')`, "XX000 JSON parsing error"},
		{`json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}','f4', 'f6', true)`, "NULL"},
		{`json_extract_path_text('{"farm": {"barn": {"color": "red", "feed stocked": true}}}', 'farm', 'barn', 'color')`, "red"},
		{`json_extract_path_text('{"farm": {"barn": {}}}', 'farm', 'barn', 'color')`, "NULL"},
		{`json_extract_path_text('{"f2":{"f3":1}}', 'f2')`, `{"f3":1}`},
		{`json_extract_path_text('{"a":1}', null)`, "NULL"},
		{`json_extract_path_text('invalid_json', 0, true)`, "NULL"},
		{`json_extract_path_text('invalid_json', 0, false)`, "XX000 JSON parsing error"},
		{`json_extract_path_text('[null]', 0)`, "NULL"},
		{`json_extract_path_text('{}', 'a')`, "NULL"},
		{`json_extract_path_text('{"a":"x\n\"y\u00e9\ud83d\ude00"}', 'a')`, "x\n\"yé😀"},
		{`can_json_parse('[10001,10002,"abc"]')`, "t"},
		{`can_json_parse('[10001,')`, "f"},
	})
}

// Text is valid here when the standard library says so.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"x\u00e9\\"]}`, `[]`, ` [ 1 , {} ] `, `-0`, `01`, `"\ud83d\ude00"`, `tru`, `[1,]`, `{"a"}`, "\"\x01\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxJSONDepth { // the library allows for deeper nesting
			return
		}
		if got, want := jsonKind(s) != 0, json.Valid([]byte(s)); got != want {
			t.Fatalf("%q: %v, the library says %v", s, got, want)
		}
		if jsonKind(s) == '[' {
			jsonValue(s, jsonBlanks(s, 0), 0, func(_ string, _, lo, hi int) { jsonText(s[lo:hi]) })
		}
	})
}

// Fingerprints of longer texts, as an independent implementation (github.com/dgryski/go-farm) gives them.
func TestFarmLengths(t *testing.T) {
	text := strings.Repeat("The quick brown fox; ", 60)
	for n, want := range map[int]int64{
		1: 1366698271136253306, 20: 5060346383169859903, 32: 3543697530845957937, 33: 8344613274350023289, 50: 61151470214693405, 64: -6840823007756832233,
		65: -5470023333746167175, 100: -3367939958088299223, 128: 6863624982020435465, 200: -6781610283677309152, 1000: 5202522433540939458,
	} {
		if got := farm(text[:n]); got != want {
			t.Errorf("%d bytes: %d, want %d", n, got, want)
		}
	}
}
