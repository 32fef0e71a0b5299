"""What customers complain about, in English and Korean."""

# topic: texts in English, texts in Korean
TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "late delivery": (
        (
            "My order came three hours late and nobody called.",
            "Second time this month the delivery was late.",
            "I waited all evening, the delivery never showed up.",
        ),
        (
            "배송이 세 시간이나 늦었는데 아무 연락도 없었습니다.",
            "이번 달에만 두 번째 배송 지연입니다.",
            "저녁 내내 기다렸는데 배송이 오지 않았어요.",
        ),
    ),
    "spoilt goods": (
        (
            "The milk was sour two days before its date.",
            "Half of the strawberries were mouldy.",
            "The fish smelled bad when I opened the bag.",
        ),
        (
            "유통기한이 이틀 남은 우유가 상해 있었습니다.",
            "딸기 절반에 곰팡이가 피어 있었어요.",
            "포장을 뜯으니 생선에서 이상한 냄새가 났습니다.",
        ),
    ),
    "wrong price": (
        (
            "The till charged more than the shelf said.",
            "The discount on the leaflet was not taken off.",
            "I was billed twice for the same coffee.",
        ),
        (
            "진열대 가격과 계산된 금액이 다릅니다.",
            "전단지에 나온 할인이 적용되지 않았습니다.",
            "같은 커피가 두 번 계산되었어요.",
        ),
    ),
    "missing item": (
        (
            "Two items were missing from the bag.",
            "I paid for nappies that were not in the box.",
            "You replaced the wine without asking me.",
        ),
        (
            "주문한 상품 두 개가 빠져 있었습니다.",
            "결제한 기저귀가 상자에 없었어요.",
            "묻지도 않고 다른 와인으로 바꿔 보냈더군요.",
        ),
    ),
    "unfriendly service": (
        (
            "The cashier was rude to my mother.",
            "Your hotline hung up on me.",
            "Nobody in the shop wanted to help me.",
        ),
        (
            "계산원이 어머니께 무례하게 대했습니다.",
            "상담원이 전화를 일방적으로 끊었어요.",
            "매장에서 아무도 도와주지 않았습니다.",
        ),
    ),
    "too much advertising": (
        (
            "Please stop sending me coupons every week.",
            "I asked twice to be taken off your mailing list.",
            "Your app messages wake me up at night.",
        ),
        (
            "매주 쿠폰 문자 좀 그만 보내 주세요.",
            "수신 거부를 두 번이나 요청했습니다.",
            "앱 알림 때문에 밤에 잠을 깹니다.",
        ),
    ),
}
TOPICS = tuple(TEXTS)
