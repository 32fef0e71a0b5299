"""Word lists about names: titles, particles, nicknames, Korean surnames and how they are romanised."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words("mr mrs ms miss mx dr prof sir madam mme herr frau sr sra don dona rev hon")
SUFFIXES = _words("jr sr ii iii iv phd md esq")
PARTICLES = _words("van von der den de del della di da la le du ter ten bin ibn al el st")
HANGUL_TITLES = (
    "선생님",
    "사모님",
    "고객님",
    "여사님",
    "대표님",
    "고객",
    "귀하",
    "여사",
    "님",
    "씨",
    "군",
    "양",
)
HANGUL_SURNAMES_OF_TWO = _words("남궁 황보 제갈 선우 독고 사공 서문 동방 망절 어금 강전")

# most frequent first within a line: the one spelling that several surnames share goes to the former
_SPELLINGS = """
김 kim gim; 이 lee yi rhee rhie ri; 박 park bak pak bahk; 최 choi choe; 정 jung jeong chung joung;
강 kang gang; 조 cho jo; 윤 yoon yun youn; 장 jang chang; 임 lim im yim rim; 한 han hahn; 오 oh;
서 seo suh; 신 shin sin; 권 kwon gwon; 황 hwang whang; 안 ahn an; 송 song; 류 ryu yoo yu ryoo;
전 jeon jun chun; 홍 hong; 고 ko go koh; 문 moon mun; 양 yang; 손 son sohn; 배 bae pae; 백 baek paik back;
허 heo hur huh; 남 nam; 심 shim sim; 노 noh roh no; 하 ha; 곽 kwak gwak; 성 sung seong; 차 cha;
주 joo ju chu; 우 woo; 구 koo gu ku goo; 민 min; 나 na ra rha; 진 jin chin; 지 ji; 엄 um eom uhm; 채 chae;
원 won; 천 cheon; 방 bang; 공 kong gong; 현 hyun hyeon; 함 ham; 변 byun byeon; 염 yum yeom; 여 yeo;
추 choo; 도 do; 소 so; 석 seok suk; 선 sun seon; 설 seol sul; 마 ma; 길 gil kil; 연 yeon; 위 wi; 표 pyo;
명 myung myeong; 기 ki; 반 ban; 왕 wang; 금 keum geum; 옥 ok; 육 yook yuk; 인 in; 맹 maeng; 제 je;
모 mo; 탁 tak; 국 kook guk; 남궁 namgung namkung; 황보 hwangbo; 제갈 jegal; 선우 sunwoo seonwoo;
독고 dokgo dokko; 사공 sagong
"""
ROMANISED_SURNAMES = {
    spelling: hangul
    for hangul, *spellings in (entry.split() for entry in reversed(_SPELLINGS.split(";")))
    for spelling in spellings
}

# lightly: the nicknames English-speaking customers do sign with
_NICKNAMES = """
robert rob bob bobby robbie; william will bill billy liam; richard rick dick richie; james jim jimmy jamie;
john jack johnny jon; jonathan jonny; michael mike mick mickey; thomas tom tommy; charles charlie chuck;
edward ed eddie ted ned; joseph joe joey; daniel dan danny; david dave davy; matthew matt; andrew andy drew;
anthony tony; christopher chris kit; nicholas nick nicky; alexander alex sandy xander; benjamin ben benny;
samuel sam sammy; stephen steve steven; peter pete; patrick pat paddy; gregory greg; kenneth ken kenny;
ronald ron ronnie; donald don donnie; timothy tim timmy; raymond ray; lawrence larry laurence;
elizabeth liz lizzie beth betty eliza lisa;
margaret maggie meg peggy; catherine kate katie cathy katherine kathryn;
jennifer jen jenny; jessica jess jessie; rebecca becky becca; susan sue susie; barbara barb;
patricia patty trish; victoria vicky tori; alexandra sasha; samantha; deborah debbie debra; pamela pam;
christina tina christine; abigail abby; isabella bella izzy; amanda mandy; kimberly kim; theodore theo
"""
NICKNAMES = {
    nickname: full
    for full, *nicknames in (entry.split() for entry in reversed(_NICKNAMES.split(";")))
    for nickname in nicknames
}
