"""Creators who write in French, from France and Switzerland."""

from callastar.demo.texts.sheet import Kind, Sheet

CAMILLE = Sheet(
    slug="camille-delorme",
    name="Camille Delorme",
    email="camille@example.com",
    timezone="Europe/Paris",
    locale="fr",
    country="FR",
    currency="EUR",
    category="music",
    expertise="Chanteuse de jazz et coach vocale",
    bio=(
        "Dix ans de clubs, trois albums et une passion qui ne passe pas : faire chanter les autres.\n\n"
        "En appel, je vous écoute d’abord, puis on travaille une seule chose à fond : le souffle, un passage "
        "difficile, le trac avant une audition. Débutants bienvenus, les faux départs aussi.\n\n"
        "Et si vous voulez juste parler de Billie Holiday avec quelqu’un qui connaît toutes les prises, "
        "c’est possible également."
    ),
    kinds=(
        Kind(
            title="Votre voix en 20 minutes",
            description="Chantez-moi un morceau : je vous dis ce qui marche déjà et ce qui vous fera progresser.",
            minutes=20,
            price=4500,
        ),
        Kind(
            title="Préparer une audition",
            description="On choisit le titre, la tonalité et l’attaque, et vous repartez avec un plan de travail.",
            minutes=45,
            price=8900,
        ),
        Kind(
            title="Une chanson pour un anniversaire",
            description="J’interprète en direct le standard de votre choix pour la personne que vous aimez.",
            minutes=10,
            price=3500,
        ),
    ),
    week=((0, "18:30"), (1, "12:15"), (2, "18:30"), (3, "19:30"), (5, "11:00"), (5, "11:45")),
    links={
        "instagram": "https://www.instagram.com/camille.delorme.demo",
        "other": "https://camille-delorme.example",
    },
)

YANIS = Sheet(
    slug="yanis-benali",
    name="Yanis Benali",
    email="yanis@example.com",
    timezone="Europe/Paris",
    locale="fr",
    country="FR",
    currency="EUR",
    category="sport",
    expertise="Ultra-traileur, entraîneur de course à pied",
    bio=(
        "Finisher de vingt-trois ultras, blessé quatre fois, et entraîneur depuis que j’ai compris pourquoi.\n\n"
        "J’aide celles et ceux qui courent après le travail, pas les professionnels : un plan qui tient dans une "
        "vraie semaine, une allure qui ne casse pas, et la tête pour les vingt derniers kilomètres.\n\n"
        "Envoyez-moi vos trois dernières sorties, on part de là."
    ),
    kinds=(
        Kind(
            title="Mon prochain marathon",
            description="Objectif, allure, ravitaillement : on construit les huit dernières semaines ensemble.",
            minutes=30,
            price=5500,
        ),
        Kind(
            title="Question express du coureur",
            description="Une douleur, une paire de chaussures, un doute : dix minutes, une réponse claire.",
            minutes=10,
            price=1900,
        ),
        Kind(
            title="Bilan complet d’entraînement",
            description="J’analyse vos données avant l’appel et nous revoyons toute votre saison.",
            minutes=60,
            price=9900,
        ),
    ),
    week=((0, "07:00"), (1, "20:00"), (2, "12:30"), (3, "20:00"), (4, "07:00"), (6, "17:00")),
    links={"instagram": "https://www.instagram.com/yanis.benali.demo", "x": "https://x.com/yanisbenalidemo"},
)

ETIENNE = Sheet(
    slug="etienne-marchal",
    name="Étienne Marchal",
    email="etienne@example.com",
    timezone="Europe/Paris",
    locale="fr",
    country="FR",
    currency="EUR",
    category="film",
    expertise="Comédien et metteur en scène",
    bio=(
        "Quarante ans de plateau, du café-théâtre aux grandes scènes, et toujours le même plaisir quand la "
        "lumière s’allume.\n\n"
        "Je fais répéter une scène, je relis un premier texte, je raconte comment on apprend mille vers sans "
        "devenir fou. Je ne promets pas de carrière ; je promets une écoute franche et bienveillante."
    ),
    kinds=(
        Kind(
            title="Votre scène, mot à mot",
            description="Vous jouez, j’écoute, nous recommençons. Envoyez le texte la veille.",
            minutes=45,
            price=12000,
        ),
        Kind(
            title="Vaincre le trac",
            description="Respiration, regard, premiers mots : pour un casting, un discours ou un mariage.",
            minutes=25,
            price=6500,
        ),
    ),
    week=((1, "16:00"), (1, "17:00"), (3, "16:00"), (4, "11:00"), (6, "15:00")),
    links={"other": "https://etienne-marchal.example"},
)

ELODIE = Sheet(
    slug="elodie-favre",
    name="Élodie Favre",
    email="elodie@example.com",
    timezone="Europe/Zurich",
    locale="fr",
    country="CH",
    currency="CHF",
    category="cooking",
    expertise="Cheffe végétale à Lausanne",
    bio=(
        "Mon restaurant compte vingt-deux couverts et un seul menu, celui du marché du matin.\n\n"
        "Cuisinons ensemble : vous posez le téléphone contre le saladier, je vous guide. Si vous préférez parler, "
        "je vous aide à composer un menu de fête, à rattraper une sauce ou à ouvrir votre propre table.\n\n"
        "Allergies et enfants difficiles : c’est ma spécialité."
    ),
    kinds=(
        Kind(
            title="Le dîner de ce soir",
            description="Dites-moi ce qu’il y a dans votre frigo, on en fait un plat dont vous serez fiers.",
            minutes=30,
            price=4800,
        ),
        Kind(
            title="Cuisiner ensemble, en direct",
            description="Une recette de saison du début à la fin. Je vous envoie la liste des courses la veille.",
            minutes=75,
            price=11500,
        ),
        Kind(
            title="Un menu de fête sans viande",
            description="Entrée, plat, dessert et l’ordre des gestes, pour rester à table avec vos invités.",
            minutes=40,
            price=6900,
        ),
    ),
    week=((0, "15:00"), (1, "10:00"), (2, "15:00"), (3, "10:00"), (6, "10:30"), (6, "16:30")),
    links={
        "instagram": "https://www.instagram.com/elodie.favre.demo",
        "tiktok": "https://www.tiktok.com/@elodiefavredemo",
    },
)

SALMA = Sheet(
    slug="salma-haddad",
    name="Salma Haddad",
    email="salma@example.com",
    timezone="Europe/Paris",
    locale="fr",
    country="FR",
    currency="EUR",
    category="fashion",
    expertise="Styliste, mode élégante et durable",
    bio=(
        "Après huit ans en maison de couture, j’habille aujourd’hui des personnes, plus des podiums.\n\n"
        "Ouvrez votre armoire devant la caméra : la plupart du temps, tout y est déjà. Je vous montre les "
        "associations, les retouches qui changent tout et les trois pièces qui manquent vraiment.\n\n"
        "Mode pudique, grandes tailles, premier poste : avec joie."
    ),
    kinds=(
        Kind(
            title="Visite de votre dressing",
            description="On trie, on associe, on photographie dix tenues prêtes à porter.",
            minutes=50,
            price=9500,
        ),
        Kind(
            title="La tenue du grand jour",
            description="Mariage, entretien, soutenance : trois propositions et les bonnes adresses.",
            minutes=25,
            price=5200,
        ),
    ),
    week=((0, "12:30"), (1, "18:00"), (2, "12:30"), (3, "18:00"), (5, "14:00"), (5, "15:15")),
    links={
        "instagram": "https://www.instagram.com/salma.haddad.demo",
        "tiktok": "https://www.tiktok.com/@salmahaddaddemo",
    },
)

NADIA = Sheet(
    slug="nadia-keller",
    name="Nadia Keller",
    email="nadia@example.com",
    timezone="Europe/Zurich",
    locale="fr",
    country="CH",
    currency="CHF",
    category="science",
    expertise="Astrophysicienne à Genève",
    bio=(
        "Je cherche des planètes autour d’autres étoiles. Onze à mon nom, et une cafetière toujours pleine.\n\n"
        "Posez-moi la question que vous n’avez jamais osé poser : les trous noirs, la fin de l’Univers, le "
        "télescope à offrir à Noël. Les enfants sont mes meilleurs interlocuteurs.\n\n"
        "J’accompagne aussi les travaux de maturité et les candidatures en physique."
    ),
    kinds=(
        Kind(
            title="Toutes vos questions sur l’Univers",
            description="En famille ou entre amis, avec des images du télescope partagées à l’écran.",
            minutes=30,
            price=5000,
        ),
        Kind(
            title="Choisir son premier télescope",
            description="Votre budget, votre balcon, votre ciel : je vous évite les achats inutiles.",
            minutes=15,
            price=2500,
        ),
        Kind(
            title="Étudier la physique",
            description="Dossier, choix de l’école, premiers mois : parlons de votre projet sans détour.",
            minutes=40,
            price=7000,
        ),
    ),
    week=((1, "19:00"), (2, "19:00"), (3, "12:15"), (4, "19:00"), (5, "16:00")),
    links={"x": "https://x.com/nadiakellerdemo", "other": "https://nadia-keller.example"},
)

MAELLE = Sheet(
    slug="maelle-kerouan",
    name="Maëlle Kerouan",
    email="maelle@example.com",
    timezone="Europe/Paris",
    locale="fr",
    country="FR",
    currency="EUR",
    category="wellbeing",
    expertise="Professeure de yoga et de respiration",
    bio=(
        "J’enseigne face à la mer, à Douarnenez, et souvent à l’écran pour celles et ceux qui en sont loin.\n\n"
        "Pas de postures de magazine : un dos qui se détend, un sommeil qui revient, un souffle qui tient quand "
        "la journée déborde. Prévoyez un tapis, ou même une chaise.\n\n"
        "Je reçois volontiers les personnes enceintes et celles qui reprennent après un arrêt."
    ),
    kinds=(
        Kind(
            title="Réveil en douceur",
            description="Une séance rien que pour vous, avant que la maison s’anime.",
            minutes=30,
            price=3900,
        ),
        Kind(
            title="Mieux dormir",
            description="Nous cherchons ce qui vous tient éveillé et composons votre rituel du soir.",
            minutes=45,
            price=5600,
        ),
    ),
    week=((0, "06:45"), (1, "21:00"), (2, "06:45"), (3, "21:00"), (4, "06:45"), (6, "18:00")),
    links={"instagram": "https://www.instagram.com/maelle.kerouan.demo"},
)

THEO = Sheet(
    slug="theo-garnier",
    name="Théo Garnier",
    email="theo@example.com",
    timezone="Europe/Paris",
    locale="fr",
    country="FR",
    currency="EUR",
    category="other",
    expertise="Magicien et mentaliste",
    bio=(
        "Je lis dans les pensées, surtout dans celles des gens qui n’y croient pas.\n\n"
        "Au programme : un tour que vous pourrez refaire dès ce soir, une surprise pour un anniversaire ou une "
        "leçon de manipulation pour débutants. Ayez un jeu de cartes sous la main."
    ),
    kinds=(
        Kind(
            title="Un tour à emporter",
            description="Vous le voyez, vous l’apprenez, vous le montrez ce soir.",
            minutes=20,
            price=3000,
        ),
        Kind(
            title="Surprise d’anniversaire",
            description="Dix minutes de mentalisme pour une seule personne, la vôtre.",
            minutes=15,
            price=4000,
        ),
    ),
    week=((2, "20:00"), (4, "20:00"), (5, "18:00")),
    links={"instagram": "https://www.instagram.com/theo.garnier.demo"},
    onboarded=False,
)

FRENCH = (CAMILLE, YANIS, ETIENNE, ELODIE, SALMA, NADIA, MAELLE, THEO)
