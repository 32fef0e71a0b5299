"""Names and places people records are made of: invented combinations of common ones."""

# given name: nickname
LATIN_GIVEN = {
    "William": "Bill", "Elizabeth": "Liz", "Robert": "Bob", "Margaret": "Maggie", "James": "Jim",
    "Katherine": "Kate", "Michael": "Mike", "Jennifer": "Jenny", "Thomas": "Tom", "Susan": "Sue",
    "Christopher": "Chris", "Patricia": "Pat", "Edward": "Ted", "Victoria": "Vicky", "Anthony": "Tony",
    "Deborah": "Debbie", "Daniel": "Dan", "Rebecca": "Becky", "Matthew": "Matt", "Samantha": "Sam",
    "Benjamin": "Ben", "Alexandra": "Alex", "Nicholas": "Nick", "Charlotte": "Lottie", "Joseph": "Joe",
    "Pamela": "Pam", "Andrew": "Andy", "Gabriele": "Gabi", "Frederick": "Fred", "Josephine": "Josie",
    "Zoë": "Zoë", "José": "Pepe", "François": "Fran", "Søren": "Søren", "Jürgen": "Jürgen",
    "María": "Mari", "Ingrid": "Ingrid", "Olga": "Olya", "Piotr": "Piotr", "Amélie": "Amy",
}  # fmt: skip
LATIN_FAMILY = (
    "Smith", "Jones", "Taylor", "Brown", "Wilson", "Evans", "Thomas", "Johnson", "Roberts", "Walker",
    "Wright", "Robinson", "Thompson", "White", "Hughes", "Edwards", "Green", "Hall", "Wood", "Harris",
    "Müller", "Schmidt", "Fischer", "Weber", "Martin", "Bernard", "Dubois", "García", "Martínez", "López",
    "Rossi", "Russo", "Nowak", "Kowalska", "Hansen", "Nielsen", "Ivanova", "Petrov", "Silva", "Santos",
    "O'Brien", "McCarthy", "van Dijk", "de Vries", "Kerrigan", "Oyelaran", "Okafor", "Nguyen", "Tanaka",
    "Yilmaz", "Haddad", "Castellanos", "Featherstone", "Winterbottom", "Abernathy", "Quartermaine",
)  # fmt: skip
# Hangul, Latin letters, weight
KOREAN_FAMILY = (
    ("김", "Kim", 21), ("이", "Lee", 15), ("박", "Park", 8), ("최", "Choi", 5), ("정", "Jung", 5),
    ("강", "Kang", 2), ("조", "Cho", 2), ("윤", "Yoon", 2), ("장", "Jang", 2), ("임", "Lim", 2),
    ("한", "Han", 2), ("오", "Oh", 2), ("서", "Seo", 2), ("신", "Shin", 2), ("권", "Kwon", 1),
    ("황", "Hwang", 1), ("안", "Ahn", 1), ("송", "Song", 1), ("류", "Ryu", 1), ("홍", "Hong", 1),
)  # fmt: skip
# two lists of syllables: any of the first before any of the second
KOREAN_FIRST = (
    ("민", "Min"), ("지", "Ji"), ("서", "Seo"), ("현", "Hyun"), ("수", "Soo"), ("영", "Young"),
    ("은", "Eun"), ("재", "Jae"), ("도", "Do"), ("하", "Ha"), ("예", "Ye"), ("태", "Tae"), ("성", "Sung"),
    ("정", "Jung"), ("승", "Seung"), ("유", "Yu"),
)  # fmt: skip
KOREAN_SECOND = (
    ("준", "jun"), ("우", "woo"), ("연", "yeon"), ("희", "hee"), ("호", "ho"), ("빈", "bin"), ("원", "won"),
    ("진", "jin"), ("아", "a"), ("미", "mi"), ("훈", "hoon"), ("경", "kyung"), ("윤", "yoon"), ("혜", "hye"),
    ("석", "seok"), ("림", "rim"),
)  # fmt: skip
# region: places, Hangul and Latin letters
PLACES = {
    "north": (
        ("서울 마포구", "Mapo-gu, Seoul"),
        ("서울 종로구", "Jongno-gu, Seoul"),
        ("인천 연수구", "Yeonsu-gu, Incheon"),
    ),
    "east": (("강릉시", "Gangneung-si"), ("속초시", "Sokcho-si"), ("포항시 북구", "Buk-gu, Pohang-si")),
    "south": (
        ("부산 해운대구", "Haeundae-gu, Busan"),
        ("대구 수성구", "Suseong-gu, Daegu"),
        ("창원시", "Changwon-si"),
    ),
    "west": (
        ("전주시 완산구", "Wansan-gu, Jeonju-si"),
        ("광주 서구", "Seo-gu, Gwangju"),
        ("목포시", "Mokpo-si"),
    ),
}
STREETS = (
    ("월드컵로", "Worldcup-ro"), ("중앙로", "Jungang-ro"), ("시장길", "Sijang-gil"), ("학교길", "Hakgyo-gil"),
    ("강변로", "Gangbyeon-ro"), ("해안로", "Haean-ro"), ("산정길", "Sanjeong-gil"),
    ("은행나무길", "Eunhaengnamu-gil"),
    ("한빛로", "Hanbit-ro"), ("새터길", "Saeteo-gil"),
)  # fmt: skip
# reserved for examples: no such address reaches anybody
MAIL_DOMAINS = ("example.com", "example.net", "example.org")
